/** How often a service has died since it was brought up, and how. */
import type { ServiceStatus } from '@muster/control/status/service-status';
import type { Exit } from '@muster/core/model/observation';
import { formatDuration } from '../duration.ts';

/** `died 10 times in 12 s, the last 3 with exit 1`; empty if it was not more than once. */
export function deathsText({ restarts, deaths, record }: ServiceStatus): string {
  if (restarts < 2) return '';
  const last = deaths.at(-1);
  if (last === undefined) return `died ${restarts} times`;
  const others = deaths.toReversed().findIndex(({ exit }) => !isSame(exit, last.exit));
  const alike = others === -1 ? 'each' : others === 1 ? 'the last' : `the last ${others}`;
  const how = last.exit.signal === 0 ? `with exit ${last.exit.code}` : `by signal ${last.exit.signal}`;
  return `died ${restarts} times in ${formatDuration(Math.max(0, last.at - record.began))}, ${alike} ${how}`;
}

function isSame(one: Exit, other: Exit): boolean {
  return one.code === other.code && one.signal === other.signal;
}
