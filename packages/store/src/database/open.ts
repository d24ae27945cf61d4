/** Reading a compiled database from its path, and why there may be none. */
import { readFileSync } from 'node:fs';
import { type Decoded, decode } from './decode.ts';

/** Of a path at which people who come from s6-rc have a compiled database. */
const DIRECTORY =
  "this is a directory, as s6-rc's databases are; Muster's are files: rc-compile makes one from the same source";

/** `missing`, `directory` and `unreadable` beside what `decode` refuses. */
export type Opened =
  | Exclude<Decoded, { ok: false }>
  | { readonly ok: false; readonly refusal: Refused; readonly message: string };

type Refused = Extract<Decoded, { ok: false }>['refusal'] | 'missing' | 'directory' | 'unreadable';

/** Why there is no compiled database at `path` to be read; null: `error` is of the system. */
export function absenceOf(path: string, error: unknown): string | null {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return `there is no compiled database ${path}: rc-compile makes it`;
    case 'EISDIR':
      return `${path}: ${DIRECTORY}`;
    default:
      return null;
  }
}

/** Reads a compiled database. */
export function openDatabase(path: string): Opened {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'EISDIR') return { ok: false, refusal: 'directory', message: DIRECTORY };
    if (code === 'ENOENT') return { ok: false, refusal: 'missing', message: 'there is no compiled database here' };
    return { ok: false, refusal: 'unreadable', message: `the database cannot be read: ${code}` };
  }
  return decode(bytes);
}
