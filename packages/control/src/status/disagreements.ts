/** Where a live directory and the machine disagree: what died for good, was started by hand, or runs on an older definition. */

import { conditionOf } from '@muster/core/model/condition';
import { everyService, nameOf } from '@muster/core/model/database';
import type { Exit, Observation } from '@muster/core/model/observation';
import type { ServiceRecord } from '@muster/core/model/record';
import { isStale } from '@muster/core/model/staleness';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import type { Opened } from '../open/read.ts';
import { definedSince } from './defined-since.ts';

export type Disagreement = { readonly service: string } & Finding;

type Finding =
  /** `exit` null if it is down, and nobody knows how it ended. */
  | { readonly kind: 'died'; readonly exit: Exit | null }
  /** Something else than Muster started it. */
  | { readonly kind: 'started-by-hand' }
  /** Its process was started from an earlier definition. */
  | { readonly kind: 'stale' }
  /** `odd`: what is there in place of what a supervisor keeps; null if no supervisor answers. */
  | { readonly kind: 'unsupervised'; readonly odd: string | null };

export function disagreements(opened: Opened): Disagreement[] {
  const { database, records } = opened;
  const supervisor = openSupervisor(opened);
  const since = definedSince(opened);
  return everyService(database).flatMap((id) => {
    const record = records.read(id);
    const observation = supervisor.observe(id);
    const found = judge(record, observation, isStale(database, id, { record, observation, liveSince: since(id) }));
    return found === null ? [] : [{ service: nameOf(database, id), ...found }];
  });
}

function judge(record: ServiceRecord, observation: Observation, stale: boolean): Finding | null {
  const believed = record.phase === 'done' ? record.transition : 'none';
  if (observation.kind === 'unsupervised') {
    if (believed !== 'up') return null;
    return { kind: 'unsupervised', odd: observation.odd ?? null };
  }
  const condition = conditionOf(record, observation);
  if (believed === 'up' && condition === 'down') return { kind: 'died', exit: exitOf(observation) };
  if (believed !== 'up' && condition === 'up' && record.phase !== 'begun') return { kind: 'started-by-hand' };
  return believed === 'up' && condition === 'up' && stale ? { kind: 'stale' } : null;
}

function exitOf(observation: Exclude<Observation, { kind: 'unsupervised' }>): Exit | null {
  return observation.kind === 'longrun' ? observation.lastExit : (observation.last?.exit ?? null);
}
