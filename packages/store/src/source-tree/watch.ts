/**
 * Tells when something in a source changed: in the source, in its definitions and all that is below them, at the ends of
 * the links in them, and in the place of the source itself, which may not be there yet, or be replaced as a whole.
 *
 * Whenever something happens, first everything is watched anew, and then the change is told: so nothing that comes to be
 * while the source is read goes unseen.
 */
import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { DirectoryChanges, EVERY_DIRECTORY } from '@muster/posix/inotify';
import { SystemError } from '@muster/posix/libc';

/** Changes come in bursts: an editor renames, a package manager writes hundreds of files. */
const QUIET = 100;

/** Something that never stops changing is looked at nevertheless. */
const PATIENCE = 1000;

export interface SourceWatch {
  close(): void;
}

/**
 * Calls `changed` when nothing more has changed for 100 ms, or a second after the first change. What happens to the file
 * `written`, which may lie in a source, is none. Throws SystemError where the system has no room for so many watches.
 */
export function watchSources(paths: readonly string[], written: string | null, changed: () => void): SourceWatch {
  const directories = new DirectoryChanges();
  let watched = new Watched(directories, paths);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = 0;
  const ring = () => {
    timer = undefined;
    watched = new Watched(directories, paths);
    changed();
  };
  void directories.listen((directory, name) => {
    if (!watched.concerns(directory, name(), written)) return;
    if (timer === undefined) first = performance.now();
    else if (performance.now() - first > PATIENCE) return;
    clearTimeout(timer);
    timer = setTimeout(ring, QUIET);
  });
  return {
    close() {
      clearTimeout(timer);
      directories.close();
    },
  };
}

/** How far below a source links are followed, as its reader does: to definitions, and to what is in them. */
const FOLLOWED = 2;

interface Interest {
  readonly path: string;
  /** Null stands for every name. */
  readonly names: Set<string> | null;
}

/** What is watched, by the numbers that the kernel tells. */
class Watched {
  readonly #interests = new Map<number, Interest>();
  readonly #directories: DirectoryChanges;

  constructor(directories: DirectoryChanges, paths: readonly string[]) {
    this.#directories = directories;
    for (const path of paths) {
      this.#watchPlaceOf(resolve(path));
      this.#watchBelow(path, 0);
    }
  }

  concerns(directory: number, name: string, written: string | null): boolean {
    if (directory === EVERY_DIRECTORY) return true;
    const interest = this.#interests.get(directory);
    if (interest === undefined || (interest.names !== null && !interest.names.has(name))) return false;
    return written === null || !isOrWillBe(written, interest.path, name);
  }

  /** The nearest directory that is there, for what is missing below it. */
  #watchPlaceOf(path: string): void {
    for (let child = path, parent = dirname(path); child !== parent; child = parent, parent = dirname(child))
      if (this.#watch(parent, basename(child))) return;
  }

  #watchBelow(directory: string, depth: number): void {
    if (!this.#watch(directory, null)) return;
    for (const entry of entriesOf(directory)) {
      const path = `${directory}/${entry.name}`;
      if (depth === 0 && entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) this.#watchBelow(path, depth + 1);
      else if (entry.isSymbolicLink() && depth < FOLLOWED) this.#watchEnd(path, depth + 1);
    }
  }

  #watchEnd(link: string, depth: number): void {
    const status = statSync(link, { throwIfNoEntry: false });
    if (status?.isDirectory()) this.#watchBelow(link, depth);
    if (!status?.isFile() && !status?.isDirectory()) return;
    const end = realpathSync(link);
    this.#watch(dirname(end), basename(end));
  }

  /** `name` is the only one of interest, or null for all. Returns whether there is such a directory. */
  #watch(directory: string, name: string | null): boolean {
    const number = this.#numberOf(directory);
    if (number === null) return false;
    const known = this.#interests.get(number);
    if (known?.names != null && name !== null) known.names.add(name);
    else if (known === undefined || name === null)
      this.#interests.set(number, { path: directory, names: name === null ? null : new Set([name]) });
    return true;
  }

  #numberOf(directory: string): number | null {
    try {
      return this.#directories.addAnyChange(directory);
    } catch (error) {
      // What may not be read is reported when the source is compiled.
      if (error instanceof SystemError && (error.code === 'EACCES' || error.code === 'ELOOP')) return null;
      if (error instanceof SystemError && error.code === 'ENOSPC')
        throw new SystemError('fs.inotify.max_user_watches is too small to watch', error.errno, directory);
      throw error;
    }
  }
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Also the temporary file beside it, from which it is renamed. */
function isOrWillBe(written: string, directory: string, name: string): boolean {
  const base = basename(written);
  if (name !== base && !name.startsWith(`.${base}.`)) return false;
  return resolve(dirname(written)) === resolve(directory);
}
