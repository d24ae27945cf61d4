/**
 * The one place where a file is replaced by another: who reads it finds all of the old one or all of the new one. What is
 * promised beyond that has a name.
 *
 *     durable               also where the machine stops: the bytes, then the name, are on the disk when it returns
 *     atomic                only while the machine runs: a live directory does not outlive it
 *     overwrite when full   likewise, and where there is no room for a second file the first is written over: what is there
 *                           has its room, the bytes are few and go in one call, and a status that is told late is worse
 *                           than one that could be read torn. Whatever else is at one of the two paths is in the place of
 *                           ours, and goes
 *
 * The first two fail where there is no room; then the file is as it was, and nothing is left of the other.
 */
import { closeSync, constants, fsyncSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { openOwn, openRegular } from './regular-file.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_TRUNC, O_RDONLY, O_DIRECTORY } = constants;

export type ReplacePolicy = 'durable' | 'atomic' | 'overwrite when full';

export interface Replacement {
  readonly policy: ReplacePolicy;
  /** Permissions of the new file, less what the umask takes. */
  readonly mode?: number;
  /** Where it is written first, in the same directory. What a killed writer has left there goes. */
  readonly temporary?: string;
}

/** Where a replacement is written first, unless it says otherwise. */
export function unfinished(path: string): string {
  return `${path}.new`;
}

/** Throws what the system says. */
export function replaceFile(path: string, content: Uint8Array | string, replacement: Replacement): void {
  const { policy, mode = 0o644, temporary = unfinished(path) } = replacement;
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  if (policy === 'overwrite when full') {
    if (writeOrOverwrite(temporary, path, bytes, mode)) renameOver(temporary, path);
    return;
  }
  try {
    rmSync(temporary, { recursive: true, force: true });
    stageBytes(temporary, bytes, { policy, mode });
    putInPlace(temporary, path, policy);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The first half, in which everything fails that can fail for want of space: nothing may be at `temporary`. Throws likewise. */
export function stageBytes(
  temporary: string,
  bytes: Uint8Array,
  { policy, mode }: { readonly policy: Exclude<ReplacePolicy, 'overwrite when full'>; readonly mode: number },
): void {
  const file = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    if (policy === 'durable') fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The second half. Throws likewise; with `durable`, also where it is in its place and may not last. */
export function putInPlace(temporary: string, path: string, policy: ReplacePolicy): void {
  renameSync(temporary, path);
  if (policy === 'durable') syncDirectory(dirname(path));
}

/** Makes what was renamed or removed in `directory` last. */
function syncDirectory(directory: string): void {
  const file = openSync(directory, O_RDONLY | O_DIRECTORY);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT']);

/** Whether there was room at `temporary`; else the bytes are at `path` already. */
function writeOrOverwrite(temporary: string, path: string, bytes: Uint8Array, mode: number): boolean {
  try {
    const file = openNew(temporary, mode);
    if (file === null) overwrite(openOwn(temporary, { flags: O_WRONLY | O_TRUNC, mode }).descriptor, bytes);
    else writeAndClose(file, bytes);
    return true;
  } catch (error) {
    if (!FULL.has((error as NodeJS.ErrnoException).code)) throw error;
    rmSync(temporary, { force: true });
    overwrite(openRegular(path, { flags: O_WRONLY }).descriptor, bytes);
    return false;
  }
}

/** Null if something is there. */
function openNew(path: string, mode: number): number | null {
  try {
    return openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return null;
  }
}

function writeAndClose(file: number, bytes: Uint8Array): void {
  try {
    writeSync(file, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(file);
  }
}

function overwrite(file: number, bytes: Uint8Array): void {
  try {
    writeSync(file, bytes, 0, bytes.length, 0);
    ftruncateSync(file, bytes.length);
  } finally {
    closeSync(file);
  }
}

/** What rename(2) answers for a directory at the place of a file. */
const IS_DIRECTORY: ReadonlySet<string | undefined> = new Set(['EISDIR', 'ENOTEMPTY', 'EEXIST']);

function renameOver(temporary: string, path: string): void {
  try {
    renameSync(temporary, path);
  } catch (error) {
    if (!IS_DIRECTORY.has((error as NodeJS.ErrnoException).code)) throw error;
    rmSync(path, { recursive: true, force: true });
    renameSync(temporary, path);
  }
}
