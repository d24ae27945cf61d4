/** What became of a change as data, services by name. */
import type { Outcome } from '@muster/core/execute/outcome';
import type { Database } from '@muster/core/model/database';
import { namesOf } from './names.ts';
import { refusalText } from './reason.ts';

export function outcomeAsData(database: Database, outcome: Outcome) {
  const { names } = database;
  return {
    end: outcome.end,
    up: namesOf(database, outcome.up),
    reloaded: namesOf(database, outcome.reloaded),
    died: outcome.died.map(({ service, exit }) => ({ service: names[service]!, exit })),
    failed: outcome.failed.map((failure) => ({ ...failure, service: names[failure.service]! })),
    skipped: outcome.skipped.map(({ service, action, because }) => ({
      service: names[service]!,
      action,
      because: names[because]!,
    })),
    left: outcome.left.map(({ service, action }) => ({ service: names[service]!, action })),
    awaited: outcome.awaited.map(({ service, on, holder }) => ({ service: names[service]!, on: names[on]!, holder })),
  };
}

/** The last line of `rc-change --json`, after `seq` - 1 events. */
export function summaryAsData(database: Database, outcome: Outcome, seq: number) {
  const { names } = database;
  return {
    version: 1,
    seq,
    at: new Date().toISOString(),
    event: 'done',
    ...outcomeAsData(database, outcome),
    down: namesOf(database, outcome.down),
    overruled: outcome.overruled.map((entry) => ({ ...entry, service: names[entry.service]! })),
    refused: outcome.refused.map((refusal) => ({ ...refusal, text: refusalText(database, refusal) })),
    blocked: outcome.blocked && {
      ...outcome.blocked,
      service: names[outcome.blocked.service]!,
      on: names[outcome.blocked.on]!,
    },
  };
}
