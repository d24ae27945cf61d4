/** A database that will be live: put beside those that were, and swapped in by one rename. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { InstanceSet } from '@muster/core/instances/instance-set';
import type { ServiceRecord } from '@muster/core/model/record';
import { readGenerations } from './generations.ts';
import { encodeInstances } from './instances.ts';
import {
  DATABASE_FILE,
  generationLink,
  INSTANCE_STATE_FILE,
  INSTANCES_FILE,
  type LivePaths,
  STATE_FILE,
} from './paths.ts';
import { createState, createStateFrom } from './state.ts';

export interface NextDatabase {
  /** Permissions of the file. */
  readonly mode: number;
  /** How many it has itself. */
  readonly services: number;
  /** What is laid over it, with slots in order. */
  readonly instances: InstanceSet;
}

/** Everything that takes space, before it counts. `staged/` is there. */
export function stageDatabase(
  paths: LivePaths,
  hash: string,
  bytes: Uint8Array,
  { mode, services, instances }: NextDatabase,
): void {
  const directory = stagedDirectory(paths, hash);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { mode: 0o755 });
  writeFileSync(join(directory, DATABASE_FILE), bytes, { mode });
  createState(join(directory, STATE_FILE), services);
  if (instances.services.length + instances.created.length > 0) {
    writeFileSync(join(directory, INSTANCES_FILE), encodeInstances(instances), { mode: 0o644 });
    createState(join(directory, INSTANCE_STATE_FILE), instances.services.length);
  }
  symlinkSync(generationLink(hash), stagedLink(paths));
}

/**
 * From the last rename on, the staged database with these records is the live one. If it is live already, these are its
 * records from then on.
 */
export function swapDatabase(
  paths: LivePaths,
  hash: string,
  { own, ofInstances }: { readonly own: readonly ServiceRecord[]; readonly ofInstances: readonly ServiceRecord[] },
): void {
  const staged = stagedDirectory(paths, hash);
  createStateFrom(join(staged, STATE_FILE), own);
  if (existsSync(join(staged, INSTANCE_STATE_FILE))) createStateFrom(join(staged, INSTANCE_STATE_FILE), ofInstances);
  const directory = join(paths.databases, hash);
  if (readlinkSync(paths.db) === generationLink(hash)) {
    renameSync(join(staged, STATE_FILE), join(directory, STATE_FILE));
    return;
  }
  if (existsSync(directory)) {
    // It was live before, and may be again: at no moment may it be missing.
    for (const file of [DATABASE_FILE, STATE_FILE, INSTANCE_STATE_FILE, INSTANCES_FILE]) {
      if (existsSync(join(staged, file))) renameSync(join(staged, file), join(directory, file));
      else rmSync(join(directory, file), { force: true });
    }
    rmdirSync(staged);
  } else {
    renameSync(staged, directory);
  }
  renameSync(stagedLink(paths), paths.db);
}

/** Whether what an update has staged has taken its place: until then it is undone, from then on completed. */
export function isSwapped(
  paths: LivePaths,
  { from, to }: { readonly from: string; readonly to: string },
  generation: string,
): boolean {
  return from === to ? !existsSync(join(stagedDirectory(paths, to), STATE_FILE)) : generation === to;
}

/** Takes back what `stageDatabase` did, and what `swapDatabase` did before its last rename. */
export function discardDatabase(paths: LivePaths, hash: string): void {
  rmSync(stagedDirectory(paths, hash), { recursive: true, force: true });
  if (readGenerations(paths.generations).some((known) => known.hash === hash)) return;
  rmSync(join(paths.databases, hash), { recursive: true, force: true });
}

/** What is staged, or was left by updates that were killed before they had a journal. */
export function discardStaged(paths: LivePaths): void {
  for (const name of readdirSync(paths.databases)) {
    if (name.endsWith(STAGED)) rmSync(join(paths.databases, name), { recursive: true, force: true });
  }
}

const STAGED = '.new';

function stagedDirectory(paths: LivePaths, hash: string): string {
  return `${join(paths.databases, hash)}${STAGED}`;
}

function stagedLink(paths: LivePaths): string {
  return join(paths.staged, 'db');
}
