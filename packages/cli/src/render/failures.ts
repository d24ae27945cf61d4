/**
 * After a change: what could not be executed, what services that failed or died wrote last, and what was not done because
 * of them.
 */

import { lastLinesOf } from '@muster/control/logs/last-lines';
import type { Failure, Outcome } from '@muster/core/execute/outcome';
import { type Database, LONGRUN, type ServiceId } from '@muster/core/model/database';
import { livePaths } from '@muster/store/live/paths';
import { unexecutableRun } from '@muster/supervisors/unexecutable';
import { listed, namesOf } from './names.ts';
import { visible } from './visible.ts';

/** Of each log; and failures of which logs are shown. */
const LINES = 5;
const MOST_LOGS = 10;
/** How supervisors, shells and the like exit if they cannot execute something. */
const NOT_EXECUTED: ReadonlySet<number> = new Set([111, 126, 127]);

/** `live`: the live directory; `since`: milliseconds since the epoch, when the change began. */
export function renderFailures(live: string, database: Database, outcome: Outcome, since: number): string {
  const services = [...new Set([...outcome.failed, ...outcome.died].map(({ service }) => service))];
  const logs = services.slice(0, MOST_LOGS).map((service) => logText(live, database, service, since));
  return causesText(live, database, outcome) + logs.join('') + skippedText(database, outcome);
}

function causesText(live: string, database: Database, { failed }: Outcome): string {
  return failed
    .filter(({ service, action }) => action === 'up' && database.kinds[service] === LONGRUN)
    .map((failure) => causeText(`${livePaths(live).services}/${database.names[failure.service]}`, failure))
    .join('');
}

function causeText(directory: string, { cause, exit }: Failure): string {
  if (cause !== 'unexecutable' && !NOT_EXECUTED.has(exit?.code ?? 0)) return '';
  const found = unexecutableRun(directory);
  return found === null ? '' : `cause    ${found.path} cannot be executed: ${found.why}\n`;
}

function logText(live: string, database: Database, service: ServiceId, since: number): string {
  const lines = lastLinesOf(live, database, service, { count: LINES, since });
  if (lines.length === 0) return '';
  const head = `log      ${database.names[service]} wrote last:\n`;
  return (
    head + lines.map(({ at, text }) => `           | ${at === null ? '' : `${clock(at)} `}${visible(text)}\n`).join('')
  );
}

/** `12:01:07`, here. */
function clock(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

function skippedText(database: Database, { skipped }: Outcome): string {
  const byCause = new Map<ServiceId, ServiceId[]>();
  for (const { service, because } of skipped) byCause.set(because, [...(byCause.get(because) ?? []), service]);
  return [...byCause]
    .map(([because, services]) => {
      const names = namesOf(database, [...new Set(services)]);
      return `skipped  ${listed(names)}  (because of ${database.names[because]})\n`;
    })
    .join('');
}
