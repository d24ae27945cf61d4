import { readFileSync } from 'node:fs';
import { type Decoded, decode } from './decode.ts';

/** `missing` and `unreadable` beside what `decode` refuses. */
export type Opened =
  | Exclude<Decoded, { ok: false }>
  | { readonly ok: false; readonly refusal: Refused; readonly message: string };

type Refused = Extract<Decoded, { ok: false }>['refusal'] | 'missing' | 'unreadable';

/** Reads a compiled database. */
export function openDatabase(path: string): Opened {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT') return { ok: false, refusal: 'missing', message: 'there is no compiled database here' };
    return { ok: false, refusal: 'unreadable', message: `the database cannot be read: ${code}` };
  }
  return decode(bytes);
}
