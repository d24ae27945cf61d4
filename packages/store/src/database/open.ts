/** Reading a compiled database from its path, and why there may be none. */
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, type Stats } from 'node:fs';
import { explainCode } from '@muster/core/diagnostics/system-errors';
import { type Decoded, decode, refusalOf } from './decode.ts';
import { HEADER_SIZE } from './format.ts';

type Refused = Extract<Decoded, { ok: false }>['refusal'] | 'missing' | 'directory' | 'unreadable';

export interface Refusal {
  readonly ok: false;
  readonly refusal: Refused;
  /** Without the path. */
  readonly message: string;
}

/** `missing`, `directory` and `unreadable` beside what `decode` refuses. */
export type Opened = Exclude<Decoded, { ok: false }> | Refusal;

/** Reads and decodes a compiled database. */
export function openDatabase(path: string): Opened {
  try {
    const read = readDatabaseFile(path);
    return read.ok ? decode(read.bytes) : read;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { ok: false, refusal: 'unreadable', message: `the database cannot be read: ${explainCode(code)}` };
  }
}

/**
 * The bytes of the file at `path`, if they may be a database. Never waits for a FIFO or reads a device, and of a large
 * file that is none only the header. Throws what node:fs does where the system refuses.
 */
export function readDatabaseFile(path: string): { readonly ok: true; readonly bytes: Buffer } | Refusal {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return refuse('missing', 'there is no compiled database here: rc-compile makes it');
    throw error;
  }
  try {
    const status = fstatSync(file);
    if (!status.isFile()) return refuseKind(status);
    const head = Buffer.alloc(HEADER_SIZE);
    const refusal = refusalOf(head.subarray(0, readSync(file, head, 0, HEADER_SIZE, 0)), status.size);
    return refusal ?? { ok: true, bytes: readFileSync(file) };
  } finally {
    closeSync(file);
  }
}

/** People who come from s6-rc have a directory there. */
function refuseKind(status: Stats): Refusal {
  if (!status.isDirectory()) return refuse('not-a-database', 'this is a FIFO or a device, not a compiled database');
  return refuse(
    'directory',
    "this is a directory, as s6-rc's databases are; Muster's are files: rc-compile makes one from the same source",
  );
}

function refuse(refusal: Refused, message: string): Refusal {
  return { ok: false, refusal, message };
}
