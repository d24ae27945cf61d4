/** The service directories in a scandir. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Of a directory, symbolic links to it included: it stays when the directory gets another name. */
export type DirectoryIdentity = string;

export interface FoundService {
  readonly identity: DirectoryIdentity;
  /** Of its `log/`, if it has one. */
  readonly log: DirectoryIdentity | undefined;
}

/** By name. Throws ErrnoException if the scandir cannot be read. */
export function scanServices(scandir: string): Map<string, FoundService> {
  const found = new Map<string, FoundService>();
  for (const name of readdirSync(scandir)) {
    const identity = name.startsWith('.') ? undefined : identityOf(join(scandir, name));
    if (identity !== undefined) found.set(name, { identity, log: identityOf(join(scandir, name, 'log')) });
  }
  return found;
}

/** The low 32 bits of their inodes, by name. */
export function inodesIn(scandir: string): Map<string, number> {
  const inodes = new Map<string, number>();
  for (const name of readdirSync(scandir)) {
    const found = name.startsWith('.') ? undefined : statSync(join(scandir, name), { throwIfNoEntry: false });
    if (found?.isDirectory()) inodes.set(name, found.ino % 2 ** 32);
  }
  return inodes;
}

/** Undefined if it is no directory. */
function identityOf(path: string): DirectoryIdentity | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() ? `${found.dev}:${found.ino}` : undefined;
}
