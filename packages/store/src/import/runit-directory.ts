/** Reads a directory of runit's service directories, for import. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RunitFile, RunitService } from '@muster/core/import/runit-directory';

/** Directories deeper than this are not looked into. */
const DEEPEST = 8;
/** What runsv makes. */
const MADE = new Set(['supervise', 'log/supervise']);

/** Null if it cannot be read. Sorted by name; names that begin with a dot, and plain files, are no services. */
export function readRunitDirectory(path: string): RunitService[] | null {
  let names: string[];
  try {
    names = readdirSync(path).sort();
  } catch {
    return null;
  }
  const home = realpathSync(path);
  return names
    .filter((name) => !name.startsWith('.') && statSync(join(path, name), { throwIfNoEntry: false })?.isDirectory())
    .map((name) => readService(home, name));
}

function readService(home: string, name: string): RunitService {
  const path = join(home, name);
  const real = realpathSync(path);
  const files = new Map<string, RunitFile>();
  collect(real, '', files);
  const isAlias = dirname(real) === home && basename(real) !== name;
  return { name, path: real, aliasOf: isAlias ? basename(real) : null, files };
}

function collect(directory: string, prefix: string, files: Map<string, RunitFile>): void {
  for (const name of readdirSync(directory).sort()) {
    const path = prefix + name;
    if (MADE.has(path)) continue;
    const found = join(directory, name);
    const status = lstatSync(found);
    if (status.isDirectory()) {
      if (path.split('/').length < DEEPEST) collect(found, `${path}/`, files);
    } else files.set(path, read(found, status.mode));
  }
}

function read(path: string, mode: number): RunitFile {
  const status = lstatSync(path);
  // What runsv looks for is followed; other links are kept.
  if (status.isSymbolicLink()) {
    const target = readlinkSync(path);
    const followed = statSync(path, { throwIfNoEntry: false });
    const isScript = ['run', 'finish', 'check'].includes(basename(path));
    if (!isScript || followed === undefined || !followed.isFile()) return { kind: 'link', target };
    return contentOf(path, followed.mode);
  }
  if (!status.isFile()) return { kind: 'other', why: 'is neither a file nor a link' };
  return contentOf(path, mode);
}

function contentOf(path: string, mode: number): RunitFile {
  try {
    return { kind: 'file', bytes: readFileSync(path), executable: (mode & 0o111) !== 0 };
  } catch (error) {
    return { kind: 'other', why: `cannot be read: ${(error as NodeJS.ErrnoException).code}` };
  }
}
