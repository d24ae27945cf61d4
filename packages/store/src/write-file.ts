/** Files that a user names: where the bytes go, what may be replaced there, and what those who were killed have left. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { constants as os } from 'node:os';
import { basename, dirname } from 'node:path';
import { isAbsent, linkTarget } from '@muster/posix/absence';
import { SystemError } from '@muster/posix/libc';
import { processFacts } from '@muster/posix/process';
import { putInPlace, stageBytes } from '@muster/posix/replace-file';
import { foreignLink } from './ownership.ts';
import { removeAbandoned } from './remove-abandoned.ts';

/**
 * Replaces `path` by a file with these bytes: a temporary file beside it, fsync, rename, fsync of the directory. Only a
 * file is replaced: root could else rename over /dev/null, or over /dev/stdout. A symbolic link stays, and what it leads
 * to is replaced, with a mode that is not wider than before.
 *
 * Throws SystemError; then `path` is as it was, and the temporary file is gone.
 */
export function writeFile(path: string, bytes: Uint8Array, options: { readonly mode?: number } = {}): void {
  const staged = stageFile(path, bytes, options);
  try {
    replace(staged);
  } catch (error) {
    dropStaged(staged);
    throw error;
  }
}

/** The bytes of a file that will replace `path`, in a temporary file beside it. */
export interface StagedFile {
  readonly temporary: string;
  readonly path: string;
}

/**
 * The first half of `writeFile`, in which everything fails that can fail for want of space or permission.
 *
 * @throws SystemError; then nothing is left of it.
 */
export function stageFile(
  named: string,
  bytes: Uint8Array,
  { mode = 0o644 }: { readonly mode?: number } = {},
): StagedFile {
  refuseForeignLink(named);
  const path = followLinks(named);
  const temporary = `${dirname(path)}/${temporaryPrefix(path)}${process.pid}.${crypto.randomUUID()}`;
  try {
    const narrowest = mode & (modeOfReplaced(path) ?? mode);
    stageBytes(temporary, bytes, { policy: 'durable', mode: narrowest });
    removeUnfinished(path);
    return { temporary, path };
  } catch (error) {
    dropStaged({ temporary, path });
    throw systemError(error, path);
  }
}

/** The second half, once more after a death too: does nothing if somebody has replaced the file since. Throws SystemError. */
export function putStaged(staged: StagedFile): void {
  try {
    replace(staged);
  } catch (error) {
    // Whoever writes the file removes what those who died have staged.
    if (!isAbsent(error)) throw error;
  }
}

function replace({ temporary, path }: StagedFile): void {
  try {
    putInPlace(temporary, path, 'durable');
  } catch (error) {
    throw systemError(error, path);
  }
}

/** Of interest is why it is dropped, not that it may be impossible on a file system that became read-only. */
export function dropStaged({ temporary }: StagedFile): void {
  try {
    rmSync(temporary, { force: true });
  } catch {
    // Whoever writes the file next removes it.
  }
}

/** As many links as the kernel follows. */
const MOST_LINKS = 40;

/** What `path` is in the end, whether that exists or not. Throws SystemError: ELOOP. */
function followLinks(path: string): string {
  let end = path;
  for (let links = 0; links <= MOST_LINKS; links++) {
    const target = linkTarget(end);
    if (target === null) return end;
    end = target.startsWith('/') ? target : `${dirname(end)}/${target}`;
  }
  throw new SystemError('follow', os.errno.ELOOP, path);
}

/** In a directory that everybody may put something into, another user's link leads to what that user wants written. */
function refuseForeignLink(path: string): void {
  const link = foreignLink(path);
  if (link !== null) throw new SystemError("follow another user's link", os.errno.EACCES, link);
}

/** Of the file that is replaced, or undefined if there is none. Throws SystemError if it is none that can be. */
function modeOfReplaced(path: string): number | undefined {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) return undefined;
  if (there.isFile()) return there.mode & 0o777;
  if (there.isDirectory()) throw new SystemError('replace', os.errno.EISDIR, path);
  throw new SystemError('replace the special file', os.errno.EEXIST, path);
}

function temporaryPrefix(path: string): string {
  return `.${basename(path)}.`;
}

/** What commands that were killed while they wrote `path` have left. */
function removeUnfinished(path: string): void {
  const prefix = temporaryPrefix(path);
  for (const name of readdirSync(dirname(path))) {
    const [pid, id, ...more] = name.startsWith(prefix) ? name.slice(prefix.length).split('.') : [];
    if (id?.length !== UUID_LENGTH || more.length > 0 || processFacts(Number(pid)) !== null) continue;
    removeAbandoned(`${dirname(path)}/${name}`);
  }
}

const UUID_LENGTH = 36;

/** What `node:fs` threw, as the project's own. */
function systemError(error: unknown, path: string): unknown {
  if (error instanceof SystemError) return error;
  if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number') return error;
  return new SystemError('syscall' in error ? String(error.syscall) : 'write', Math.abs(error.errno), path);
}
