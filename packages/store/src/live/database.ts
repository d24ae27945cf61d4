/** The database of a live directory: the file, and the instances that were made beside it. */
import { instanceDefinition, type Variables } from '@muster/core/instances/instance-definition';
import type { InstanceSet } from '@muster/core/instances/instance-set';
import { overlay } from '@muster/core/instances/overlay';
import type { Database } from '@muster/core/model/database';
import { type Result, success } from '@muster/core/result';
import { type DatabaseRefusal, openDatabase } from '../database/open.ts';
import { readInstances, readVariables } from './instances.ts';
import type { Live } from './open.ts';
import type { LivePaths } from './paths.ts';
import { StateFile } from './state.ts';

export interface LiveDatabase {
  /** With the instances. */
  readonly database: Database;
  /** Without. */
  readonly base: Database;
  readonly instances: InstanceSet;
}

/** `known`: the one without instances, if it has been read before. Throws Damaged. */
export function openLiveDatabase(
  {
    databasePath,
    generation,
    instancesPath,
    paths,
  }: Pick<Live, 'databasePath' | 'generation' | 'instancesPath' | 'paths'>,
  known: Database | null = null,
): Result<LiveDatabase, DatabaseRefusal> {
  const found = known === null ? openDatabase(databasePath, generation) : success({ database: known });
  if (!found.ok) return found;
  const base = found.value.database;
  const instances = readInstances(instancesPath);
  return success({ base, instances, database: withInstances(base, instances, variablesIn(paths)) });
}

/** By the name under which they are kept; null for none. Throws what the system says. */
export type VariablesOf = (environment: string | null) => Variables;

export function variablesIn(paths: Pick<LivePaths, 'environments'>): VariablesOf {
  return (environment) => readVariables(paths, environment);
}

/** `set` is of `base`. */
export function withInstances(base: Database, set: InstanceSet, variablesOf: VariablesOf): Database {
  return overlay(base, set, (service) => instanceDefinition(base, service, variablesOf(service.environment)));
}

/** The records of all that is in it. Throws StateDamaged, and what the system says. */
export function openRecords(
  { statePath, instanceStatePath, outlived }: Pick<Live, 'statePath' | 'instanceStatePath' | 'outlived'>,
  { base, database, instances }: LiveDatabase,
): StateFile {
  if (outlived !== null) return StateFile.blank(statePath, database.names.length);
  const slots = instances.services.map(({ slot }) => slot);
  return new StateFile(statePath, base.names.length, { path: instanceStatePath, slots });
}
