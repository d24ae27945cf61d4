/**
 * What is kept beside a compiled database, in the hidden file `.NAME.seen`, so that a source that has not changed is not compiled
 * again: what the source was when it was read (sightings.ts), who compiled it with what, and the hash of what came of it.
 *
 * It can only say that nothing is to be done. Whatever differs, or cannot be read, or could have been written by somebody else,
 * means that all is compiled; what does not fit into it (a warning, a link that was followed) is not kept.
 */
import { lstatSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { FINGERPRINT_WORDS } from '@muster/posix/directory';
import { openRegular, readOpened, readRegular } from '@muster/posix/regular-file';
import { replaceFile } from '@muster/posix/replace-file';
import { runtime } from '@muster/posix/runtime/runtime';
import { HASH_SIZE, HEADER_SIZE, OFFSET } from '../database/format.ts';
import { hashOf } from '../database/hash.ts';
import { distrustOf, distrustWay } from '../ownership.ts';
import { isAsSeen, type Seen } from './sightings.ts';

export interface LastCompilation {
  /** Which compiler: another one may make other bytes of the same source. */
  readonly compiler: string;
  /** As they were named, in their order. */
  readonly sources: readonly string[];
  /** Programs that scripts name and that were there. */
  readonly interpreters: readonly string[];
  readonly longruns: number;
  readonly oneshots: number;
  readonly bundles: number;
}

/** Besides: whose judgement it was what can be trusted, and what was written. */
interface Head extends LastCompilation {
  readonly uid: number;
  readonly gid: number;
  /** Of the database, hexadecimal. */
  readonly hash: string;
  readonly mode: number;
  /** Bytes of fingerprints, of the names behind them. */
  readonly words: number;
}

/** Against damage; that nobody else wrote it is known by its owner. */
const HASH = 8;
const LENGTH = 4;
/** In bytes: a fingerprint is 48, and there may be millions. */
const LARGEST = 2 ** 31;

function placeFor(compiled: string): string {
  return `${dirname(compiled)}/.${basename(compiled)}.seen`;
}

/** To be called when `compiled` has been written, with these bytes and permissions at most. What cannot be kept is not kept. */
export function keepCompilation(
  compiled: string,
  last: LastCompilation,
  { bytes, mode }: { readonly bytes: Uint8Array; readonly mode: number },
  { words, paths }: Seen,
): void {
  const hash = hexOf(bytes.subarray(OFFSET.hash, OFFSET.hash + HASH_SIZE));
  const own = { uid: process.geteuid!(), gid: process.getegid!() };
  const head: Head = { ...last, ...own, hash, mode, words: words.byteLength };
  const json = new TextEncoder().encode(JSON.stringify(head));
  const file = new Uint8Array(HASH + LENGTH + json.length + words.byteLength + paths.length);
  const view = new DataView(file.buffer);
  view.setUint32(HASH, json.length, true);
  file.set(json, HASH + LENGTH);
  file.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), HASH + LENGTH + json.length);
  file.set(paths, HASH + LENGTH + json.length + words.byteLength);
  view.setBigUint64(0, runtime.quickHash(file.subarray(HASH)), true);
  try {
    replaceFile(placeFor(compiled), file, { policy: 'atomic', mode: 0o600 });
  } catch {
    // No room, or not ours to write: the next compilation takes its time.
  }
}

/** The last compilation, if another one would write the same bytes to `compiled` and say nothing; else null. */
export function unchangedSince(
  compiled: string,
  asked: Pick<LastCompilation, 'compiler' | 'sources'>,
  exists: (path: string) => boolean,
): LastCompilation | null {
  try {
    const kept = read(placeFor(compiled));
    if (kept === null) return null;
    const { head, seen } = kept;
    const isSameCall =
      head.compiler === asked.compiler &&
      head.sources.join('\0') === asked.sources.join('\0') &&
      head.uid === process.geteuid!() &&
      head.gid === process.getegid!();
    if (!isSameCall || !isStillThere(compiled, head)) return null;
    if (asked.sources.some((source) => distrustWay(source) !== null)) return null;
    return head.interpreters.every((path) => exists(path)) && isAsSeen(seen) ? head : null;
  } catch {
    return null;
  }
}

/** The file as it was written: a link could lead to another one, and wider permissions are narrowed by writing it again. */
function isStillThere(compiled: string, { hash, mode, uid }: Head): boolean {
  const stats = lstatSync(compiled);
  if (!stats.isFile() || stats.uid !== uid || (stats.mode & 0o7777 & ~mode) !== 0) return false;
  const bytes = readRegular(compiled, { limit: LARGEST });
  if (bytes.length < HEADER_SIZE) return false;
  const found = hexOf(bytes.subarray(OFFSET.hash, OFFSET.hash + HASH_SIZE));
  return found === hash && hexOf(hashOf(bytes)) === hash;
}

function read(path: string): { readonly head: Head; readonly seen: Seen } | null {
  const file = openRegular(path);
  if (distrustOf(path, file.stats) !== null) return null;
  const bytes = readOpened(file, path, { limit: LARGEST });
  if (bytes.length < HASH + LENGTH || runtime.quickHash(bytes.subarray(HASH)) !== bytes.readBigUInt64LE(0)) return null;
  const start = HASH + LENGTH + bytes.readUInt32LE(HASH);
  // Nobody but this program writes what has the right hash and owner.
  const head = JSON.parse(bytes.toString('utf8', HASH + LENGTH, start)) as Head;
  const paths = start + head.words;
  const words = new Uint32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + paths));
  if (words.length % FINGERPRINT_WORDS !== 0) return null;
  return { head, seen: { words, paths: new Uint8Array(bytes.buffer, bytes.byteOffset + paths, bytes.length - paths) } };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
