/** How supervisors write the small files that others read: as a whole, and even if the file system is full. */
import { closeSync, constants, ftruncateSync, renameSync, rmSync, writeSync } from 'node:fs';
import { openOwn, openRegular } from './regular-file.ts';

const { O_WRONLY, O_TRUNC } = constants;
const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Replaces `path` by a rename. Where there is no room for a second file, the first is written over: what is there already has
 * its room, the bytes are few and go in one call, and a status that is told late is worse than one that could be read torn.
 * Whatever else is at one of the two paths is in the place of ours, and goes. Throws what the system says.
 */
export function replaceFile(temporary: string, path: string, bytes: Uint8Array): void {
  try {
    write(openOwn(temporary, { flags: O_WRONLY | O_TRUNC, mode: 0o666 }).descriptor, bytes);
  } catch (error) {
    if (!FULL.has((error as NodeJS.ErrnoException).code)) throw error;
    rmSync(temporary, { force: true });
    write(openRegular(path, { flags: O_WRONLY }).descriptor, bytes);
    return;
  }
  try {
    renameSync(temporary, path);
  } catch (error) {
    if (!IS_DIRECTORY.has((error as NodeJS.ErrnoException).code)) throw error;
    rmSync(path, { recursive: true, force: true });
    renameSync(temporary, path);
  }
}

/** What rename(2) answers for a directory at the place of a file. */
const IS_DIRECTORY: ReadonlySet<string | undefined> = new Set(['EISDIR', 'ENOTEMPTY', 'EEXIST']);

function write(file: number, bytes: Uint8Array): void {
  try {
    writeSync(file, bytes, 0, bytes.length, 0);
    ftruncateSync(file, bytes.length);
  } finally {
    closeSync(file);
  }
}
