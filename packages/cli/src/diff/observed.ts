/** Where a live directory and the machine disagree: what died for good, was started by hand, or runs on an older definition. */
import { conditionOf } from '@muster/core/model/condition';
import type { Observation } from '@muster/core/model/observation';
import type { ServiceRecord } from '@muster/core/model/record';
import { isStale } from '@muster/core/model/staleness';
import { liveSince } from '@muster/store/live/generations';
import { supervisorOf } from '@muster/supervisors/supervisors';
import type { Opened } from '../open/read.ts';
import { exitText } from '../render/progress.ts';

export interface Disagreement {
  readonly service: string;
  /** `stale`: its process was started from an earlier definition. */
  readonly kind: 'died' | 'started-by-hand' | 'stale' | 'unsupervised';
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

export function disagreements(opened: Opened): Disagreement[] {
  const { database, records } = opened;
  const supervisor = supervisorOf(opened);
  const since = liveSince(opened.live.paths.generations);
  return database.names.flatMap((service, id) => {
    const record = records.read(id);
    const observation = supervisor.observe(id);
    const found = judge(record, observation, isStale(database, id, { record, observation, liveSince: since }));
    return found === null ? [] : [{ service, ...found }];
  });
}

function judge(record: ServiceRecord, observation: Observation, stale: boolean): Omit<Disagreement, 'service'> | null {
  const believed = record.phase === 'done' ? record.transition : 'none';
  if (observation.kind === 'unsupervised') {
    if (believed !== 'up') return null;
    return {
      kind: 'unsupervised',
      from: 'up',
      to: 'unknown',
      reason: observation.odd ?? 'no supervisor answers (rc-init starts it again)',
    };
  }
  const condition = conditionOf(record, observation);
  if (believed === 'up' && condition === 'down') {
    return { kind: 'died', from: 'up', to: 'down', reason: deathOf(observation) };
  }
  if (believed !== 'up' && condition === 'up' && record.phase !== 'begun') {
    return { kind: 'started-by-hand', from: 'down', to: 'up', reason: 'something else than Muster started it' };
  }
  if (believed === 'up' && condition === 'up' && stale) {
    return { kind: 'stale', from: 'older', to: 'newer', reason: 'its definition is newer than its process' };
  }
  return null;
}

function deathOf(observation: Exclude<Observation, { kind: 'unsupervised' }>): string {
  const exit = observation.kind === 'longrun' ? observation.lastExit : (observation.last?.exit ?? null);
  if (exit === null) return 'it is down';
  return exitText(exit);
}
