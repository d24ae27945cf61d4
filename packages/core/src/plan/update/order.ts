/** The order of steps: which earlier ones each of them waits for. */
import type { ServiceId } from '../../model/database.ts';

export interface Placed {
  readonly service: ServiceId;
  /** Indices of earlier places that must have succeeded. */
  readonly after: readonly number[];
  /** Indices of earlier places that must have ended. */
  readonly afterEnd: readonly number[];
}

/**
 * Orders `services` so that each comes after those of `hard` that are among them, which have no cycle, and after those
 * of `soft` wherever that makes no cycle. The same input gives the same order.
 */
export function orderSteps(
  services: readonly ServiceId[],
  hard: (service: ServiceId) => Iterable<ServiceId>,
  soft: (service: ServiceId) => Iterable<ServiceId>,
): Placed[] {
  const place = new Map<ServiceId, number>(services.map((service) => [service, -1]));
  const waits = new Map<ServiceId, { hard: Set<ServiceId>; soft: Set<ServiceId> }>();
  const waiters = new Map<ServiceId, ServiceId[]>(services.map((service) => [service, []]));
  for (const service of services) {
    const among = (others: Iterable<ServiceId>) => new Set([...others].filter((id) => place.has(id) && id !== service));
    const needed = among(hard(service));
    const wished = new Set([...among(soft(service))].filter((id) => !needed.has(id)));
    waits.set(service, { hard: needed, soft: wished });
    for (const other of [...needed, ...wished]) waiters.get(other)!.push(service);
  }
  const placed: Placed[] = [];
  const open = new Map([...waits].map(([service, wait]) => [service, { hard: wait.hard.size, soft: wait.soft.size }]));
  const ready = services.filter((service) => isFree(service));
  for (let next = 0; placed.length < services.length; next++) {
    if (next === ready.length) ready.push(services.find((id) => place.get(id) === -1 && open.get(id)!.hard === 0)!);
    settle(ready[next]!);
  }
  return placed;

  function isFree(service: ServiceId): boolean {
    const left = open.get(service)!;
    return left.hard === 0 && left.soft === 0;
  }

  function settle(service: ServiceId): void {
    if (place.get(service) !== -1) return;
    const wait = waits.get(service)!;
    const positions = (ids: Set<ServiceId>) =>
      [...ids]
        .map((id) => place.get(id)!)
        .filter((at) => at !== -1)
        .sort((a, b) => a - b);
    place.set(service, placed.length);
    placed.push({ service, after: positions(wait.hard), afterEnd: positions(wait.soft) });
    for (const waiter of waiters.get(service)!) {
      const left = open.get(waiter)!;
      if (waits.get(waiter)!.hard.has(service)) left.hard--;
      else left.soft--;
      if (isFree(waiter)) ready.push(waiter);
    }
  }
}
