/** What is known of every service of a live directory, at one moment, without a lock. */
import { join } from 'node:path';
import { targetsOf } from '@muster/core/graph/edges';
import { isDone } from '@muster/core/model/condition';
import { type Database, LONGRUN, nameOf, type ServiceId } from '@muster/core/model/database';
import type { Exit, Observation } from '@muster/core/model/observation';
import type { ServiceRecord } from '@muster/core/model/record';
import { unstableBelow } from '@muster/core/model/stability';
import { isStale, type Running } from '@muster/core/model/staleness';
import { type ServiceState, type Sight, stateOf } from '@muster/core/model/state';
import { troubleOf } from '@muster/protocol/logs/trouble';
import type { Death } from '@muster/protocol/s6/death-tally';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import { supervisorFor } from '@muster/supervisors/supervisor-table';
import type { Opened } from '../open/read.ts';
import { definedSince } from './defined-since.ts';

export interface ServiceStatus {
  readonly service: ServiceId;
  readonly name: string;
  readonly record: ServiceRecord;
  readonly observation: Observation;
  readonly state: ServiceState;
  readonly pid: number;
  /** Of its process, or of its script. */
  readonly lastExit: Exit | null;
  /** Since it was last brought up: deaths that nobody asked for. */
  readonly restarts: number;
  /** These, the oldest first, as far as more than their number is known. */
  readonly deaths: readonly Death[];
  readonly ready: boolean;
  /** It runs with an earlier definition. */
  readonly stale: boolean;
  /** Why what it writes, or its producers write, cannot be written to the log; null if it can, as far as is known. */
  readonly logTrouble: string | null;
}

/** In the order of `services`. */
export function statusesOf(opened: Opened, services: readonly ServiceId[]): ServiceStatus[] {
  const { database, records } = opened;
  const supervisor = openSupervisor(opened);
  const all = records.readAll();
  const since = definedSince(opened);
  const seen = new Map<ServiceId, Sight>();
  const sight = (service: ServiceId): Sight => {
    let found = seen.get(service);
    if (found === undefined) {
      const record = all[service]!;
      const observation = supervisor.observe(service);
      found = {
        record,
        observation,
        unstableBelow: unstableBelow({ database, supervisor }, service, record, observation),
      };
      seen.set(service, found);
    }
    return found;
  };
  return services.map((service) => {
    const state = stateOf(database, service, sight);
    return {
      service,
      name: nameOf(database, service),
      state,
      ...factsOf(database, service, { ...sight(service), liveSince: since(service) }, state),
      ...deathsOf(opened, service, sight(service)),
      logTrouble: logTroubleOf(opened, service),
    };
  });
}

function factsOf(database: Database, service: ServiceId, sight: Sight & Running, state: ServiceState) {
  const { record, observation } = sight;
  const isUp = state.name === 'up' || state.name === 'ready';
  return {
    record,
    observation,
    pid: observation.kind === 'unsupervised' ? 0 : observation.pid,
    lastExit: lastExitOf(observation),
    ready: isUp,
    stale: (isUp || state.name === 'unstable') && isStale(database, service, sight),
  };
}

function deathsOf({ live, database }: Opened, service: ServiceId, { record, observation }: Sight) {
  if (observation.kind !== 'longrun' || observation.deaths === 0 || record.transition !== 'up')
    return { restarts: 0, deaths: [] };
  const directory = join(live.paths.services, nameOf(database, service));
  const { count, each } = supervisorFor(live).deathsSince(directory, observation, record.began);
  // An end that is allowed is no death.
  if (isDone(record, observation)) return { restarts: Math.max(0, count - 1), deaths: each.slice(0, -1) };
  return { restarts: count, deaths: each };
}

/** As the logger at the end of its pipe has noted it. */
function logTroubleOf({ live, database }: Opened, service: ServiceId): string | null {
  const logger = targetsOf(database.producerFor, service)[0] ?? service;
  if (targetsOf(database.consumerFor, logger).length === 0) return null;
  return troubleOf(join(live.paths.services, nameOf(database, logger)));
}

function lastExitOf(observation: Observation): Exit | null {
  switch (observation.kind) {
    case 'longrun':
      return observation.lastExit;
    case 'oneshot':
      return observation.last?.exit ?? null;
    case 'unsupervised':
      return null;
  }
}

export function typeName(database: Database, service: ServiceId): 'longrun' | 'oneshot' {
  return database.kinds[service] === LONGRUN ? 'longrun' : 'oneshot';
}
