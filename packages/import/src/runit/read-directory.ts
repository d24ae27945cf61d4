/** Reads a directory of runit's service directories, for import. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { RunitFile, RunitService } from './runit-directory.ts';

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
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => {
      const status = statSync(join(path, name), { throwIfNoEntry: false });
      if (status === undefined) return [danglingLink(home, name)];
      return status.isDirectory() ? [readService(home, name)] : [];
    });
}

function danglingLink(home: string, name: string): RunitService {
  const path = join(home, name);
  const run: RunitFile = {
    kind: 'other',
    why: `its directory is a link to ${readlinkSync(path)}, which leads nowhere`,
  };
  return { name, path, aliasOf: null, files: new Map([['run', run]]) };
}

function readService(home: string, name: string): RunitService {
  const path = join(home, name);
  const real = realpathSync(path);
  const files = new Map<string, RunitFile>();
  collect(real, real, '', files);
  const isAlias = dirname(real) === home && basename(real) !== name;
  return { name, path: real, aliasOf: isAlias ? basename(real) : null, files };
}

function collect(home: string, directory: string, prefix: string, files: Map<string, RunitFile>): void {
  let names: string[];
  try {
    names = readdirSync(directory).sort();
  } catch (error) {
    files.set(prefix === '' ? 'run' : prefix.slice(0, -1), unreadable(error));
    return;
  }
  for (const name of names) {
    const path = prefix + name;
    if (MADE.has(path)) continue;
    const found = join(directory, name);
    const status = lstatSync(found);
    if (status.isDirectory()) {
      if (path.split('/').length < DEEPEST) collect(home, found, `${path}/`, files);
    } else files.set(path, read(home, found, status.mode));
  }
}

function read(home: string, path: string, mode: number): RunitFile {
  const status = lstatSync(path);
  // What runsv looks for is followed; other links are kept.
  if (status.isSymbolicLink()) {
    const target = targetFrom(home, path);
    const followed = statSync(path, { throwIfNoEntry: false });
    const isScript = ['run', 'finish', 'check'].includes(basename(path));
    if (!isScript || followed === undefined || !followed.isFile()) return { kind: 'link', target };
    return contentOf(path, followed.mode);
  }
  if (!status.isFile()) return { kind: 'other', why: 'is neither a file nor a link' };
  return contentOf(path, mode);
}

/** As it is, if it still leads there when the whole directory is copied. */
function targetFrom(home: string, link: string): string {
  const target = readlinkSync(link);
  const place = resolve(dirname(link), target);
  return place.startsWith(`${home}/`) && !isAbsolute(target) ? target : place;
}

function unreadable(error: unknown): RunitFile {
  return { kind: 'other', why: `cannot be read: ${(error as NodeJS.ErrnoException).code}` };
}

function contentOf(path: string, mode: number): RunitFile {
  try {
    return { kind: 'file', bytes: readFileSync(path), mode: mode & 0o777 };
  } catch (error) {
    return unreadable(error);
  }
}
