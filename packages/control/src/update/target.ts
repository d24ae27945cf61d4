/** A database that the live directory is made from, or moved to. */
import { join, resolve } from 'node:path';
import { type InstanceSet, NO_INSTANCES } from '@muster/core/instances/instance-set';
import type { Database } from '@muster/core/model/database';
import { failure, type Result, success } from '@muster/core/result';
import { type DecodedDatabase, decode } from '@muster/store/database/decode';
import { databaseMode } from '@muster/store/database/mode';
import { readDatabaseFile } from '@muster/store/database/open';
import { readGenerations } from '@muster/store/live/generations';
import type { Live } from '@muster/store/live/open';
import { DATABASE_FILE } from '@muster/store/live/paths';
import { distrustOf, distrustWay } from '@muster/store/ownership';
import type { Opened } from '../open/read.ts';
import { type BadDatabase, type Unusable, unusable } from '../problems.ts';

export interface Target {
  /** For people. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** With the instances that are laid over it: none, unless it is live, or they were carried over to it. */
  readonly database: Database;
  readonly instances: InstanceSet;
  readonly hash: string;
  /** Permissions of copies: not wider than those of the original. */
  readonly mode: number;
}

/** There is no generation so far back. */
export interface NoGeneration {
  readonly kind: 'no-generation';
  /** How many there are before the one that is live. */
  readonly kept: number;
}

export type TargetProblem = BadDatabase | Unusable | NoGeneration;

type Known = Pick<Opened, 'live' | 'database' | 'instances'>;

/** A compiled file. `known`: what is live, which often is the same, and need not be decoded twice then. */
export function compiledTarget(file: string, known?: Known): Result<Target, BadDatabase | Unusable> {
  const path = resolve(file);
  const read = readDatabaseFile(path);
  if (!read.ok) return badDatabase(path, read.problem);
  const { bytes, stats } = read.value;
  const foreign = distrustOf(path, stats) ?? distrustWay(path);
  if (foreign !== null) return failure(unusable(foreign));
  const decoded = isLive(bytes, known)
    ? success({ database: known.database, instances: known.instances, hash: known.live.generation })
    : withoutInstances(decode(bytes));
  if (!decoded.ok) return badDatabase(path, decoded.problem);
  const { database, instances, hash } = decoded.value;
  return success({ path, bytes, database, instances, hash, mode: databaseMode(database) & stats.mode });
}

function withoutInstances<P>(
  decoded: Result<DecodedDatabase, P>,
): Result<DecodedDatabase & Pick<Target, 'instances'>, P> {
  return decoded.ok ? success({ ...decoded.value, instances: NO_INSTANCES }) : decoded;
}

function badDatabase(path: string, { refusal, message }: Pick<BadDatabase, 'refusal' | 'message'>) {
  return failure<BadDatabase>({ kind: 'bad-database', path, refusal, message });
}

function isLive(bytes: Buffer, known: Known | undefined): known is Known {
  if (known === undefined) return false;
  const live = readDatabaseFile(known.live.databasePath);
  return live.ok && live.value.bytes.equals(bytes);
}

/** The database that was live `back` generations ago. */
export function earlierTarget(live: Live, back: number): Result<Target, TargetProblem> {
  const hashes = readGenerations(live.paths.generations).map(({ hash }) => hash);
  const earlier = hashes.slice(0, -1).reverse();
  const hash = earlier[back - 1];
  return hash === undefined ? failure({ kind: 'no-generation', kept: earlier.length }) : generationTarget(live, hash);
}

export function isKept(live: Live, hash: string): boolean {
  return readGenerations(live.paths.generations).some((generation) => generation.hash === hash);
}

/** A database that is, or was, live. */
export function generationTarget(live: Live, hash: string): Result<Target, BadDatabase | Unusable> {
  return compiledTarget(join(live.paths.databases, hash, DATABASE_FILE));
}
