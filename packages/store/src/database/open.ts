/** Reading a compiled database from its path, and why there may be none. */
import { closeSync, readSync, type Stats } from 'node:fs';
import { explainCode } from '@muster/core/diagnostics/system-errors';
import { failure, type Result, success } from '@muster/core/result';
import { NotAFile, type OpenedFile, openRegular, readOpened } from '@muster/posix/regular-file';
import { type DecodedDatabase, type DecodeProblem, decode, refusalOf } from './decode.ts';
import { HEADER_SIZE } from './format.ts';

/** `private`: this user may not read it. */
export interface DatabaseRefusal {
  readonly refusal: DecodeProblem['refusal'] | 'missing' | 'directory' | 'private' | 'unreadable';
  /** Without the path. */
  readonly message: string;
}

/** Reads and decodes a compiled database. `checked`: the hash under which a live directory keeps it since it was checked. */
export function openDatabase(path: string, checked?: string): Result<DecodedDatabase, DatabaseRefusal> {
  try {
    const read = readDatabaseFile(path);
    return read.ok ? decode(read.value.bytes, checked) : read;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'EACCES')
      return refuse(
        'private',
        'you may not read the database: it holds, or its owner keeps, what is not for everybody',
      );
    return refuse('unreadable', `the database cannot be read: ${explainCode(code)}`);
  }
}

export interface DatabaseFile {
  readonly bytes: Buffer;
  /** Of the file that they were read from. */
  readonly stats: Stats;
}

/**
 * The bytes of the file at `path`, if they may be a database. Never waits for a FIFO or reads a device, and of a large
 * file that is none only the header. Throws what node:fs does where the system refuses.
 */
export function readDatabaseFile(path: string): Result<DatabaseFile, DatabaseRefusal> {
  let file: OpenedFile;
  try {
    file = openRegular(path, { follow: true });
  } catch (error) {
    if (error instanceof NotAFile) return refuseKind(error);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return refuse('missing', 'there is no compiled database here: rc-compile makes it');
    throw error;
  }
  const { descriptor, stats } = file;
  try {
    const head = Buffer.alloc(HEADER_SIZE);
    const refusal = refusalOf(head.subarray(0, readSync(descriptor, head, 0, HEADER_SIZE, 0)), stats.size);
    if (refusal !== null) return failure(refusal);
    return success({ bytes: readOpened(file, path, { limit: LARGEST }), stats });
  } finally {
    closeSync(descriptor);
  }
}

/** As large as the format allows. */
const LARGEST = 2 ** 32;

/** People who come from s6-rc have a directory there. */
function refuseKind({ code, what }: NotAFile) {
  if (code !== 'EISDIR') return refuse('not-a-database', `this is ${what}, not a compiled database`);
  return refuse(
    'directory',
    "this is a directory, as s6-rc's databases are; Muster's are files: rc-compile makes one from the same source",
  );
}

function refuse(refusal: DatabaseRefusal['refusal'], message: string) {
  return failure<DatabaseRefusal>({ refusal, message });
}
