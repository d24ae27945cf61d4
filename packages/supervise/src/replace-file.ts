/** How supervisors write the small files that others read: as a whole, and even if the file system is full. */
import { closeSync, constants, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK } = constants;
const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Replaces `path` by a rename. Where there is no room for a second file, the first is written over: what is there already has
 * its room, the bytes are few and go in one call, and a status that is told late is worse than one that could be read torn.
 * Throws what the system says.
 */
export function replaceFile(temporary: string, path: string, bytes: Uint8Array): void {
  try {
    write(openSync(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, 0o666), bytes);
  } catch (error) {
    if (!FULL.has((error as NodeJS.ErrnoException).code)) throw error;
    rmSync(temporary, { force: true });
    write(openSync(path, O_WRONLY | O_NONBLOCK), bytes);
    return;
  }
  renameSync(temporary, path);
}

function write(file: number, bytes: Uint8Array): void {
  try {
    writeSync(file, bytes, 0, bytes.length, 0);
    ftruncateSync(file, bytes.length);
  } finally {
    closeSync(file);
  }
}
