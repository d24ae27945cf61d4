/** Why a service is up, or why it is not: the way to the cause, and what that wrote last. */
import { targetsOf } from '@muster/core/graph/edges';
import { type Database, everyBundle, everyService, type ServiceId } from '@muster/core/model/database';
import { failure, type Result, success } from '@muster/core/result';
import type { LogEntry } from '@muster/protocol/logs/entry';
import type { ControlEventSink } from '../events.ts';
import { lastLinesOf } from '../logs/last-lines.ts';
import type { Opened } from '../open/read.ts';
import { openSelected } from '../open/select.ts';
import type { LookProblem } from '../problems.ts';
import { type ServiceStatus, statusesOf } from './service-status.ts';

/** Of its log. */
const LINES = 5;

export interface Explanation {
  readonly database: Database;
  readonly status: ServiceStatus;
  /** From the service on, each because of the next: to who asked for it, or to what keeps it down. */
  readonly chain: readonly ServiceStatus[];
  /** Of the last in the chain, if something is wrong with it. */
  readonly lines: readonly LogEntry[];
}

/** The name is one of a bundle, whose members are up, or not, each for itself. */
export interface Bundle {
  readonly kind: 'bundle';
}

export function why(root: string, name: string, events: ControlEventSink): Result<Explanation, LookProblem | Bundle> {
  const opened = openSelected(root, [name], events);
  if (!opened.ok) return opened;
  try {
    const [service] = opened.value.selection.named;
    return service === undefined ? failure({ kind: 'bundle' }) : success(explain(opened.value, service));
  } finally {
    opened.value.records.close();
  }
}

function explain(opened: Opened, service: ServiceId): Explanation {
  const statuses = statusesOf(opened, everyService(opened.database));
  const chain = isUp(statuses[service]!) ? pullers(opened, statuses, service) : causes(statuses, service);
  const last = chain.at(-1)!;
  const { began } = last.record;
  // If it is still to come, the clock has been set back since: then nobody knows which lines are older.
  const since = began === 0 || began > Date.now() ? Number.NEGATIVE_INFINITY : began;
  const lines = isUp(last)
    ? []
    : lastLinesOf(opened.live.paths.root, opened.database, last.service, { count: LINES, since });
  return { database: opened.database, status: statuses[service]!, chain, lines };
}

export function isUp({ state }: ServiceStatus): boolean {
  return state.name === 'up' || state.name === 'ready';
}

/** The shortest way to somebody who was asked for. */
function pullers({ database }: Opened, statuses: readonly ServiceStatus[], service: ServiceId): ServiceStatus[] {
  const from = new Map<ServiceId, ServiceId | null>([[service, null]]);
  for (const [at] of from) {
    if (statuses[at]!.record.wanted === 'explicit') return wayTo(from, at).map((id) => statuses[id]!);
    for (const puller of [...targetsOf(database.neededBy, at), ...targetsOf(database.wantedBy, at)]) {
      if (!from.has(puller) && statuses[puller]!.record.wanted !== 'no') from.set(puller, at);
    }
  }
  return [statuses[service]!];
}

function wayTo(from: ReadonlyMap<ServiceId, ServiceId | null>, end: ServiceId): ServiceId[] {
  const way: ServiceId[] = [];
  for (let at: ServiceId | null | undefined = end; at !== null && at !== undefined; at = from.get(at)) way.unshift(at);
  return way;
}

/** Down the first need that is not up, to the one that has no such need. */
function causes(statuses: readonly ServiceStatus[], service: ServiceId): ServiceStatus[] {
  const chain = [statuses[service]!];
  for (;;) {
    const { reason } = chain.at(-1)!.state;
    if (reason.why !== 'needs') return chain;
    const worst = reason.services.find((need) => statuses[need]!.state.name === 'failed') ?? reason.services[0]!;
    chain.push(statuses[worst]!);
  }
}

/** Names of bundles that it is in. */
export function bundlesOf(database: Database, service: ServiceId): string[] {
  return everyBundle(database)
    .filter((bundle) => targetsOf(database.bundleMembers, bundle).includes(service))
    .map((bundle) => database.bundleNames[bundle]!);
}
