/**
 * Service directories from one database's to another's, under supervisors that go on running.
 *
 *     stage     everything new is written below `staged/`: whatever can fail for want of space or permission, fails here
 *     publish   it is moved to its place by renames, and what is gone is moved away; killed at any point and begun again,
 *               it comes to the same end
 *
 * What a supervisor keeps in a service directory is never touched, and neither is a file that stays the same. Every file
 * is replaced by a rename: a process that is just being started reads the old one or the new one.
 *
 *     staged/new/NAME/        whole directories
 *     staged/changed/NAME/…   single files of directories that stay
 *     staged/links/NAME       links for the scandir of the embedded tree
 *     staged/pipes/NAME       FIFOs
 *     staged/moved/NAME       directories that get another name, half-way
 *     staged/unmoved          there until all of those have left their old place
 *     staged/gone/NAME        directories that are not needed any more
 */
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileEntry } from '@muster/core/model/definition';
import { makeFifo } from '@muster/posix/fifo';
import type { Backend } from './backend.ts';
import type { LivePaths } from './paths.ts';
import { writeEntries, writeEntry } from './write-entries.ts';

/** What must become of the directories; decided before anything is written. */
export interface Wanted {
  readonly services: readonly WantedService[];
  /** Old names of services whose directories go away. */
  readonly gone: readonly { readonly name: string; readonly supervised: boolean }[];
  /** Names of pipes that are new, that go away, and that get another name. */
  readonly pipes: readonly string[];
  readonly gonePipes: readonly string[];
  readonly movedPipes: readonly (readonly [from: string, to: string])[];
}

export interface WantedService {
  readonly name: string;
  /** Whose directory it takes over; null: it gets a new one. */
  readonly was: string | null;
  /** A supervisor looks after it: it has a link in the scandir. */
  readonly supervised: boolean;
  readonly entries: readonly FileEntry[];
}

/** What is staged, and how it is published. */
export interface Arrangement {
  readonly services: readonly ArrangedService[];
  readonly gone: Wanted['gone'];
  readonly pipes: Wanted['pipes'];
  readonly gonePipes: Wanted['gonePipes'];
  readonly movedPipes: Wanted['movedPipes'];
}

export interface ArrangedService {
  readonly name: string;
  readonly was: string | null;
  readonly supervised: boolean;
  /** Paths in its directory that are not needed any more. */
  readonly obsolete: readonly string[];
}

/** What supervisors, runners and generated scripts keep for themselves in a service directory. */
const NOT_OURS: ReadonlySet<string> = new Set(['supervise', 'event', 'status', 'status.new', 'exit', '.muster']);

/** Writes everything that `wanted` needs below `staged/`. Throws what the system says; `unstage` then cleans up. */
export function stage(paths: LivePaths, backend: Backend, wanted: Wanted): Arrangement {
  unstage(paths);
  for (const directory of touchedBy(paths, backend, wanted)) accessSync(directory, constants.W_OK);
  const staged = stagedPaths(paths);
  for (const directory of Object.values(staged)) mkdirSync(directory, { recursive: true, mode: 0o755 });
  writeFileSync(unmovedMark(paths), '');
  const services = wanted.services.map((service) => stageService(paths, service));
  for (const { name, was, supervised } of wanted.services) {
    if (supervised && was !== name && backend.kind === 'embedded') {
      symlinkSync(`../services/${name}`, join(staged.links, name));
    }
  }
  for (const pipe of wanted.pipes) makeFifo(join(staged.pipes, pipe), 0o600);
  const { gone, pipes, gonePipes, movedPipes } = wanted;
  return { services, gone, pipes, gonePipes, movedPipes };
}

/** The directories in which `publish` will put or remove something. */
function touchedBy(paths: LivePaths, backend: Backend, wanted: Wanted): string[] {
  const { services, gone, pipes, gonePipes, movedPipes } = wanted;
  const moved = services.filter(({ was, name }) => was !== name);
  const touched = services.flatMap(({ was }) => (was === null ? [] : [join(paths.services, was)]));
  if (moved.length + gone.length > 0) touched.push(paths.services);
  if ([...moved, ...gone].some(({ supervised }) => supervised)) touched.push(backend.scandir);
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

export function unstage(paths: LivePaths): void {
  rmSync(paths.staged, { recursive: true, force: true });
}

function stageService(paths: LivePaths, { name, was, supervised, entries }: WantedService): ArrangedService {
  const staged = stagedPaths(paths);
  if (was === null) {
    writeEntries(join(staged.fresh, name), entries);
    return { name, was, supervised, obsolete: [] };
  }
  const present = join(paths.services, was);
  const changed = entries.filter((entry) => (NOT_OURS.has(entry.path) ? isMissing : isOther)(present, entry));
  for (const entry of changed) writeEntry(join(staged.changed, name), entry);
  return { name, was, supervised, obsolete: obsoleteIn(present, entries) };
}

/** What others keep is written once. */
function isMissing(directory: string, { path }: FileEntry): boolean {
  return statsOf(join(directory, path)) === null;
}

function isOther(directory: string, entry: FileEntry): boolean {
  return !isThere(directory, entry);
}

function isThere(directory: string, { path, mode, content, link }: FileEntry): boolean {
  const file = join(directory, path);
  const stats = statsOf(file);
  if (stats === null) return false;
  if (link !== undefined) return stats.isSymbolicLink() && readlinkSync(file) === link;
  if (content === null) return stats.isDirectory();
  if (!stats.isFile() || (stats.mode & 0o7777) !== mode || stats.size !== content.length) return false;
  return readFileSync(file).equals(content);
}

function statsOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

/** Paths below `directory` that are nothing any more, neither a file nor a directory. */
function obsoleteIn(directory: string, entries: readonly FileEntry[]): string[] {
  const isFile = ({ content, link }: FileEntry): boolean => content !== null || link !== undefined;
  const files = new Set(entries.filter(isFile).map(({ path }) => path));
  const directories = new Set(entries.filter((entry) => !isFile(entry)).map(({ path }) => path));
  for (const { path } of entries) {
    for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) directories.add(parent);
  }
  const obsolete: string[] = [];
  const look = (below: string): void => {
    for (const entry of readdirSync(join(directory, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (NOT_OURS.has(path)) continue;
      if (entry.isDirectory() && directories.has(path)) look(path);
      else if (!files.has(path) && !directories.has(path)) obsolete.push(path);
    }
  };
  look('');
  return obsolete;
}

/** Moves everything to its place. Begun again after it was interrupted, it goes on where it was. */
export function publish(paths: LivePaths, backend: Backend, arrangement: Arrangement): void {
  const staged = stagedPaths(paths);
  const link = (name: string): string => join(backend.scandir, `${backend.prefix}${name}`);
  for (const { name, supervised } of arrangement.gone) {
    const away = join(staged.gone, name);
    if (existsSync(away)) continue;
    if (supervised) removeLink(link(name));
    moveIfThere(join(paths.services, name), away);
  }
  moveRenamed(paths, arrangement, (name) => removeLink(link(name)));
  for (const service of arrangement.services) {
    if (service.was === null) moveIfThere(join(staged.fresh, service.name), join(paths.services, service.name));
    else publishChanges(join(staged.changed, service.name), join(paths.services, service.name), service.obsolete);
  }
  for (const pipe of arrangement.pipes) moveIfThere(join(staged.pipes, pipe), join(paths.pipes, pipe));
  for (const pipe of arrangement.gonePipes) rmSync(join(paths.pipes, pipe), { force: true });
  for (const { name, was, supervised } of arrangement.services) {
    if (!supervised || was === name) continue;
    if (backend.kind === 'embedded') moveIfThere(join(staged.links, name), link(name));
    else makeLink(join(paths.services, name), link(name));
  }
}

/** Two steps, since names may be swapped: all of them away from their old names, then all of them to their new ones. */
function moveRenamed(paths: LivePaths, arrangement: Arrangement, unlink: (name: string) => void): void {
  const { moved, movedPipes } = stagedPaths(paths);
  const renamed = arrangement.services.flatMap(({ name, was, supervised }) =>
    was === null || was === name ? [] : [{ name, was, supervised }],
  );
  if (existsSync(unmovedMark(paths))) {
    for (const { name, was, supervised } of renamed) {
      if (existsSync(join(moved, name))) continue;
      if (supervised) unlink(was);
      moveIfThere(join(paths.services, was), join(moved, name));
    }
    for (const [from, to] of arrangement.movedPipes) {
      if (!existsSync(join(movedPipes, to))) moveIfThere(join(paths.pipes, from), join(movedPipes, to));
    }
    unlinkSync(unmovedMark(paths));
  }
  for (const { name } of renamed) moveIfThere(join(moved, name), join(paths.services, name));
  for (const [, to] of arrangement.movedPipes) moveIfThere(join(movedPipes, to), join(paths.pipes, to));
}

function publishChanges(from: string, to: string, obsolete: readonly string[]): void {
  for (const path of obsolete) rmSync(join(to, path), { recursive: true, force: true });
  if (existsSync(from)) merge(from, to);
}

function merge(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    const there = lstatSync(target, { throwIfNoEntry: false });
    if (there !== undefined && there.isDirectory() !== entry.isDirectory()) rmSync(target, { recursive: true });
    if (entry.isDirectory() && there?.isDirectory()) merge(source, target);
    else renameSync(source, target);
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function removeLink(path: string): void {
  rmSync(path, { force: true });
}

function makeLink(target: string, path: string): void {
  try {
    if (readlinkSync(path) === target) return;
    unlinkSync(path);
  } catch {
    // There is none yet.
  }
  symlinkSync(target, path);
}

function stagedPaths({ staged }: LivePaths) {
  return {
    fresh: join(staged, 'new'),
    changed: join(staged, 'changed'),
    links: join(staged, 'links'),
    pipes: join(staged, 'pipes'),
    moved: join(staged, 'moved'),
    movedPipes: join(staged, 'moved-pipes'),
    gone: join(staged, 'gone'),
  };
}

function unmovedMark({ staged }: LivePaths): string {
  return join(staged, 'unmoved');
}
