/** Writes the new files of an arrangement beside the service directories that are in use, and compares them with those. */
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileEntry } from '@muster/core/model/definition';
import { isAbsent } from '@muster/posix/absence';
import { ensurePipe, makePipesDirectory } from '@muster/posix/producer-pipe';
import type { Scandir } from '../backend.ts';
import type { LivePaths } from '../paths.ts';
import { isKeptByOthers } from '../service-files.ts';
import { writeEntries, writeEntry } from '../write-entries.ts';
import {
  type ArrangedService,
  type Arrangement,
  stagedPaths,
  unmovedMark,
  unstage,
  type WantedArrangement,
  type WantedService,
} from './arrangement.ts';

/** Writes everything that `wanted` needs below `staged/`. Throws what the system says; `unstage` then cleans up. */
export function stage(paths: LivePaths, scandir: Scandir, wanted: WantedArrangement): Arrangement {
  unstage(paths);
  for (const directory of touchedBy(paths, scandir, wanted)) accessSync(directory, constants.W_OK);
  const staged = stagedPaths(paths);
  // What is in it may be for its owner alone, and directories get their own modes at their places.
  mkdirSync(paths.staged, { mode: 0o700 });
  for (const directory of Object.values(staged)) mkdirSync(directory, { mode: 0o755 });
  writeFileSync(unmovedMark(paths), '');
  const services = wanted.services.map((service) => stageService(paths, service));
  for (const { name, was, supervised } of wanted.services) {
    if (supervised && was !== name && scandir.isOwn) {
      symlinkSync(`../services/${name}`, join(staged.links, name));
    }
  }
  for (const directory of [paths.pipes, staged.pipes, staged.movedPipes]) makePipesDirectory(directory);
  for (const pipe of wanted.pipes) ensurePipe(join(staged.pipes, pipe));
  const { gone, pipes, gonePipes, movedPipes } = wanted;
  return { services, gone, pipes, gonePipes, movedPipes };
}

/** The directories in which `publish` will put or remove something. */
function touchedBy(paths: LivePaths, scandir: Scandir, wanted: WantedArrangement): string[] {
  const { services, gone, pipes, gonePipes, movedPipes } = wanted;
  const moved = services.filter(({ was, name }) => was !== name);
  const touched = services.flatMap(({ was }) => (was === null ? [] : [join(paths.services, was)]));
  if (moved.length + gone.length > 0) touched.push(paths.services);
  if ([...moved, ...gone].some(({ supervised }) => supervised)) touched.push(scandir.scandir);
  if (pipes.length + gonePipes.length + movedPipes.length > 0) touched.push(paths.pipes);
  return touched;
}

/**
 * Fails now if there is not some space left for what supervisors write while `transitions` services move: a status that
 * cannot be written would be waited for in vain.
 */
export function ensureRoom(paths: LivePaths, transitions: number): void {
  const reserve = join(paths.staged, 'reserve');
  writeFileSync(reserve, new Uint8Array((transitions + ROOM) * PAGE));
  unlinkSync(reserve);
}

const PAGE = 4096;
const ROOM = 8;

function stageService(paths: LivePaths, { name, was, supervised, entries }: WantedService): ArrangedService {
  const staged = stagedPaths(paths);
  if (was === null) {
    writeEntries(join(staged.fresh, name), entries);
    return { name, was, supervised, obsolete: [] };
  }
  const present = join(paths.services, was);
  const changed = withDirectories(
    entries,
    entries.filter((entry) => (isKeptByOthers(entry.path) ? isMissing : isOther)(present, entry)),
  );
  for (const entry of changed) writeEntry(join(staged.changed, name), entry);
  return { name, was, supervised, obsolete: obsoleteIn(present, entries) };
}

/** The directories above them too, since these are staged with their modes. */
function withDirectories(entries: readonly FileEntry[], changed: readonly FileEntry[]): readonly FileEntry[] {
  const isAbove = ({ path }: FileEntry): boolean => changed.some((entry) => entry.path.startsWith(`${path}/`));
  return entries.filter((entry) => changed.includes(entry) || (entry.kind === 'directory' && isAbove(entry)));
}

/** What others keep is written once. */
function isMissing(directory: string, { path }: FileEntry): boolean {
  return statsOf(join(directory, path)) === null;
}

function isOther(directory: string, entry: FileEntry): boolean {
  return !isThere(directory, entry);
}

function isThere(directory: string, entry: FileEntry): boolean {
  const path = join(directory, entry.path);
  const stats = statsOf(path);
  if (stats === null) return false;
  switch (entry.kind) {
    case 'link':
      return stats.isSymbolicLink() && readlinkSync(path) === entry.target;
    case 'directory':
      return stats.isDirectory() && (stats.mode & 0o777) === entry.mode;
    case 'file':
      if (!stats.isFile() || (stats.mode & 0o7777) !== entry.mode || stats.size !== entry.content.length) return false;
      return readFileSync(path).equals(entry.content);
  }
}

function statsOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return null;
  }
}

/** Paths below `directory` that are nothing any more, neither a file nor a directory. */
function obsoleteIn(directory: string, entries: readonly FileEntry[]): string[] {
  const files = new Set(entries.filter(({ kind }) => kind !== 'directory').map(({ path }) => path));
  const directories = new Set(entries.filter(({ kind }) => kind === 'directory').map(({ path }) => path));
  for (const { path } of entries) {
    for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) directories.add(parent);
  }
  const obsolete: string[] = [];
  const look = (below: string): void => {
    for (const entry of readdirSync(join(directory, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (isKeptByOthers(path)) continue;
      if (entry.isDirectory() && directories.has(path)) look(path);
      else if (!files.has(path) && !directories.has(path)) obsolete.push(path);
    }
  };
  look('');
  return obsolete;
}
