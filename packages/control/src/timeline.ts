/** When each service of one change started and was ready, and the chain that made it last as long as it did. */
import { targetsOf } from '@muster/core/graph/edges';
import { type Database, type ServiceId, servicesByName } from '@muster/core/model/database';
import type { RecordedEvent } from '@muster/store/live/events';

export interface Bar {
  readonly name: string;
  /** Milliseconds since the beginning of the change. */
  readonly began: number;
  readonly ended: number;
  readonly how: 'up' | 'ready' | 'down' | 'failed' | 'reloaded' | 'died' | 'unfinished';
  /** It belongs to the chain of which each waited for the one before. */
  readonly critical: boolean;
}

export interface Timeline {
  readonly command: string;
  /** Milliseconds since the epoch. */
  readonly began: number;
  /** Milliseconds, up to the end of the last bar. */
  readonly duration: number;
  /** In the order in which they began. */
  readonly bars: readonly Bar[];
}

const ENDS = new Set(['up', 'ready', 'down', 'failed', 'reloaded']);
const BEGINS = new Set(['starting', 'stopping', 'reloading']);

/** Of the last change that moved anything, or of the first one that is remembered; null if there is none. */
export function timelineOf(
  database: Database,
  events: readonly RecordedEvent[],
  which: 'last' | 'first',
): Timeline | null {
  const changes = changesIn(events).filter((change) => change.some(({ event }) => BEGINS.has(event)));
  const change = which === 'last' ? changes.at(-1) : changes[0];
  if (change === undefined) return null;
  const began = change[0]!.at;
  const bars = barsIn(change);
  const critical = criticalChain(database, bars);
  return {
    command: String(change[0]!.command ?? 'a change'),
    began,
    duration: Math.max(1, ...bars.map(({ ended }) => ended)),
    bars: bars.map((bar) => ({ ...bar, critical: critical.has(bar) })),
  };
}

/** The events of each change, oldest change first. */
function changesIn(events: readonly RecordedEvent[]): RecordedEvent[][] {
  const open = new Map<number, RecordedEvent[]>();
  const changes: RecordedEvent[][] = [];
  for (const event of events) {
    if (event.event === 'change' || !open.has(event.change)) {
      const change: RecordedEvent[] = [];
      open.set(event.change, change);
      changes.push(change);
    }
    open.get(event.change)!.push(event);
    if (event.event === 'done') open.delete(event.change);
  }
  return changes;
}

type OpenBar = Omit<Bar, 'critical'>;

function barsIn(change: readonly RecordedEvent[]): OpenBar[] {
  const bars: OpenBar[] = [];
  const open = new Map<string, number>();
  const times = timesIn(change);
  const last = times.at(-1)!;
  for (const [index, { event, service }] of change.entries()) {
    if (service === undefined) continue;
    const time = times[index]!;
    if (BEGINS.has(event)) {
      open.set(service, bars.length);
      bars.push({ name: service, began: time, ended: last, how: 'unfinished' });
    } else if (ENDS.has(event) && open.has(service)) {
      const bar = open.get(service)!;
      bars[bar] = { ...bars[bar]!, ended: time, how: event as Bar['how'] };
      open.delete(service);
    } else if (event === 'died') {
      const bar = bars.findLastIndex(({ name }) => name === service);
      if (bar !== -1) bars[bar] = { ...bars[bar]!, how: 'died' };
    }
  }
  return bars;
}

/**
 * Of each event: milliseconds since the first. They do not come out of order, and their dates are asked only where an older
 * version wrote nothing else: then an end is as long after its beginning as it says itself, for the clock may have been set.
 */
function timesIn(change: readonly RecordedEvent[]): number[] {
  const began = new Map<string, number>();
  const times: number[] = [];
  let before = change[0]!;
  let now = 0;
  for (const event of change) {
    const { service = '', elapsed } = event;
    const start = ENDS.has(event.event) ? began.get(service) : undefined;
    if (typeof event.uptime === 'number' && typeof before.uptime === 'number') {
      now += Math.max(0, event.uptime - before.uptime);
    } else if (start !== undefined && typeof elapsed === 'number') {
      now = Math.max(now, start + elapsed);
    } else {
      now += Math.max(0, event.at - before.at);
    }
    if (BEGINS.has(event.event)) began.set(service, now);
    times.push(now);
    before = event;
  }
  return times;
}

/** From the bar that ended last, back through the neighbour that ended last before each began. */
function criticalChain(database: Database, bars: readonly OpenBar[]): Set<OpenBar> {
  const ids = servicesByName(database);
  const byService = new Map<ServiceId, OpenBar[]>();
  for (const bar of bars) {
    const id = ids.get(bar.name);
    if (id !== undefined) byService.set(id, [...(byService.get(id) ?? []), bar]);
  }
  const chain = new Set<OpenBar>();
  let at = bars.reduce<OpenBar | undefined>(
    (late, bar) => (late === undefined || bar.ended > late.ended ? bar : late),
    undefined,
  );
  while (at !== undefined && !chain.has(at)) {
    chain.add(at);
    const bar: OpenBar = at;
    const id = ids.get(bar.name);
    const before = id === undefined ? [] : neighbours(database, id).flatMap((other) => byService.get(other) ?? []);
    at = before
      .filter((other) => other !== bar && other.ended <= bar.began)
      .reduce<OpenBar | undefined>(
        (late, other) => (late === undefined || other.ended > late.ended ? other : late),
        undefined,
      );
  }
  return chain;
}

function neighbours({ needs, neededBy, wants, after, conflicts }: Database, id: ServiceId): ServiceId[] {
  return [id, ...[needs, neededBy, wants, after, conflicts].flatMap((edges) => [...targetsOf(edges, id)])];
}
