/**
 * Making a live directory. Everything is built in a directory beside it, which is then renamed: whoever is killed on the way
 * leaves nothing that looks like a live directory, and what is left is removed by the next one.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Variables } from '@muster/core/instances/instance-definition';
import { type InstanceSet, NO_INSTANCES } from '@muster/core/instances/instance-set';
import type { FileEntry } from '@muster/core/model/definition';
import { makeFifo } from '@muster/posix/fifo';
import { isRunning, processFacts } from '@muster/posix/process';
import { ensurePipe, makePipesDirectory } from '@muster/posix/producer-pipe';
import { removeAbandoned } from '../remove-abandoned.ts';
import { type Backend, writeBackend } from './backend.ts';
import { writeBoot } from './boot.ts';
import { writeGenerations } from './generations.ts';
import { writeInstances, writeVariables } from './instances.ts';
import { DATABASE_FILE, generationLink, INSTANCE_STATE_FILE, INSTANCES_FILE, livePaths, STATE_FILE } from './paths.ts';
import { createState } from './state.ts';
import { writeEntries } from './write-entries.ts';

export interface NewLive {
  readonly hash: string;
  readonly database: Uint8Array;
  /** Permissions of the file that holds it. */
  readonly mode: number;
  readonly backend: Backend;
  /** That a tree is started with, in the form of /proc/PID/environ. */
  readonly environment: Uint8Array;
  /** The services' tree has its scandir in the live directory, with a link to each service that it supervises. */
  readonly ownsScandir: boolean;
  /** By id, those of instances last. */
  readonly services: readonly NewService[];
  /** What is laid over the database, if anything is. */
  readonly instances?: NewInstances;
  /** Names of the longruns that read what others write. */
  readonly consumers: readonly string[];
}

export interface NewInstances {
  /** With slots in order. */
  readonly set: InstanceSet;
  /** Variables, by the name under which they are kept. */
  readonly environments: ReadonlyMap<string, Variables>;
}

export interface NewService {
  readonly name: string;
  readonly supervised: boolean;
  readonly entries: readonly FileEntry[];
}

/** False if somebody else made one at the same time. Throws if a file cannot be made; then there is nothing left of it. */
export function createLive(root: string, live: NewLive): boolean {
  const parent = dirname(root);
  mkdirSync(parent, { recursive: true });
  removeUnfinished(parent, basename(root));
  const building = abandonedName(root);
  try {
    build(building, live);
    renameSync(building, root);
    return true;
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

function build(directory: string, live: NewLive): void {
  const paths = livePaths(directory);
  mkdirSync(directory, 0o755);
  // Not for everybody: a shared lock, which a reader could take, keeps updates out.
  writeFileSync(paths.lock, '', { mode: 0o600 });
  makePipesDirectory(paths.pipes);
  for (const made of [paths.databases, paths.services, paths.oneshots, paths.changes, paths.scan]) {
    mkdirSync(made, 0o755);
  }
  const generation = join(directory, generationLink(live.hash));
  mkdirSync(generation, 0o755);
  writeFileSync(join(generation, DATABASE_FILE), live.database, { mode: live.mode });
  const { set, environments } = live.instances ?? { set: NO_INSTANCES, environments: new Map<string, Variables>() };
  createState(join(generation, STATE_FILE), live.services.length - set.services.length);
  if (set.created.length > 0) {
    createState(join(generation, INSTANCE_STATE_FILE), set.services.length);
    writeInstances(join(generation, INSTANCES_FILE), set);
  }
  for (const [name, variables] of environments) writeVariables(paths, name, variables);
  symlinkSync(generationLink(live.hash), paths.db);
  writeGenerations(paths.generations, [{ hash: live.hash, since: new Date().toISOString(), began: 0, renames: [] }]);
  writeBackend(paths.backend, live.backend);
  writeBoot(paths.boot);
  // It may hold secrets.
  writeFileSync(paths.environment, live.environment, { mode: 0o600 });
  makeFifo(join(paths.oneshots, 'control'), 0o600);
  for (const consumer of live.consumers) ensurePipe(join(paths.pipes, consumer));
  for (const { name, supervised, entries } of live.services) {
    writeEntries(`${paths.services}/${name}`, entries);
    if (supervised && live.ownsScandir) symlinkSync(`../services/${name}`, `${paths.scan}/${name}`);
  }
}

/**
 * Beside a live directory: where it is built, or put away. Should this process be killed, the next that makes one removes it.
 * In a directory such as /tmp nobody else can have made what has a name that cannot be guessed.
 */
export function abandonedName(root: string): string {
  const start = processFacts(process.pid)?.startTime;
  return join(dirname(root), `${buildingPrefix(basename(root))}${process.pid}-${start}-${crypto.randomUUID()}`);
}

function buildingPrefix(name: string): string {
  return `.${name}.new-`;
}

/** What commands that were killed while they built have left. */
function removeUnfinished(parent: string, name: string): void {
  const prefix = buildingPrefix(name);
  for (const entry of readdirSync(parent)) {
    if (!entry.startsWith(prefix)) continue;
    // A pid alone may be somebody else's by now.
    const [pid, startTime] = entry.slice(prefix.length).split('-').map(Number);
    if (isRunning(pid!, startTime!)) continue;
    removeAbandoned(join(parent, entry), { recursive: true });
  }
}
