import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { targetsOf } from '../../../src/graph/edges.ts';
import { invariant } from '../../../src/invariant.ts';
import {
  type Database,
  everyService,
  FLAG,
  ON_UPDATE,
  type ServiceId,
  serviceNamed,
} from '../../../src/model/database.ts';
import type { Conversion } from '../../../src/plan/update/conversion.ts';
import { NOBODY, successorOf } from '../../../src/plan/update/identity.ts';
import type { UpdateReason } from '../../../src/plan/update/reason.ts';
import { planUpdate, type UpdateOptions, type UpdatePlan } from '../../../src/plan/update/update.ts';
import type { UpdateWorld } from '../../../src/plan/update/world.ts';
import { databaseOf, type Sketch } from './database-of.ts';

interface Case {
  readonly old: Database;
  readonly next: Database;
  readonly world: UpdateWorld;
  readonly options: UpdateOptions;
}

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];

/** A database over some of `NAMES`; needs, wants and orders go from later to earlier names, in one of two directions. */
const database = (reverse: boolean): fc.Arbitrary<Database> =>
  fc
    .array(
      fc.record({
        here: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
        type: fc.constantFrom('longrun' as const, 'longrun' as const, 'oneshot' as const),
        needs: fc.subarray(NAMES, { maxLength: 3 }),
        wants: fc.subarray(NAMES, { maxLength: 1 }),
        after: fc.subarray(NAMES, { maxLength: 1 }),
        consumer: fc.option(fc.constantFrom(...NAMES), { freq: 6, nil: undefined }),
        content: fc.constantFrom('', '', '', 'new'),
        onUpdate: fc.constantFrom(...ON_UPDATE),
        essential: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
        renamedFrom: fc.subarray(NAMES, { maxLength: 1 }),
        bundle: fc.boolean(),
        members: fc.subarray(NAMES, { maxLength: 3 }),
      }),
      { minLength: NAMES.length, maxLength: NAMES.length },
    )
    .map((drafts) => {
      const order = reverse ? [...NAMES].reverse() : NAMES;
      const here = new Set(NAMES.filter((_, index) => drafts[index]!.here));
      const services: Record<string, Sketch> = {};
      const bundles: Record<string, readonly string[]> = {};
      NAMES.forEach((name, index) => {
        const draft = drafts[index]!;
        const earlier = (names: readonly string[]): string[] =>
          names.filter((other) => here.has(other) && order.indexOf(other) < order.indexOf(name));
        if (here.has(name)) {
          const longrun = (other: string): boolean => drafts[NAMES.indexOf(other)]!.type === 'longrun';
          const [consumer] =
            draft.type === 'longrun' ? earlier(draft.consumer ? [draft.consumer] : []).filter(longrun) : [];
          services[name] = {
            ...draft,
            needs: earlier(draft.needs),
            wants: earlier(draft.wants),
            after: earlier(draft.after),
            renamedFrom: draft.renamedFrom.filter((other) => !here.has(other)),
            ...(consumer === undefined ? {} : { producerFor: consumer }),
          };
        } else if (draft.bundle) {
          bundles[name] = draft.members.filter((member) => here.has(member));
        }
      });
      return databaseOf(services, bundles);
    });

const aCase: fc.Arbitrary<Case> = fc
  .tuple(
    database(false),
    fc.boolean().chain(database),
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 10, maxLength: 10 }),
    fc.subarray([...NAMES.keys()], { maxLength: 1 }),
    fc.constantFrom('changed' as const, 'changed' as const, 'never' as const, 'all' as const),
    fc.boolean(),
  )
  .map(([old, next, dice, told, restart, stopEssentials]) => {
    const up = new Set<ServiceId>();
    const raise = (id: ServiceId): void => {
      if (up.has(id)) return;
      up.add(id);
      targetsOf(old.needs, id).forEach(raise);
    };
    for (const id of everyService(old)) if (dice[id]! < 6) raise(id);
    const services = everyService(old).map((id) => ({
      up: up.has(id),
      running: up.has(id) || dice[id] === 9,
      contentHash: null,
    }));
    const restarts = new Set(everyService(old).filter((id) => told.includes(id)));
    const conversion: Conversion = { renames: new Map(), restarts };
    return { old, next, world: { services }, options: { conversion, restart, stopEssentials } };
  });

const plannedCase: fc.Arbitrary<Case & { readonly plan: UpdatePlan }> = aCase
  .map((given) => ({ given, outcome: planUpdate(given.old, given.next, given.world, given.options) }))
  .filter(({ outcome }) => outcome.ok)
  .map(({ given, outcome }) => {
    invariant(outcome.ok, 'others are left out');
    return { ...given, plan: outcome.value };
  });

const RUNS = { numRuns: 1000 };

describe('for any two databases and any state', () => {
  test('no service stops without a reason that holds, and every chain of reasons ends in a cause of its own', () => {
    fc.assert(
      fc.property(plannedCase, (given) => {
        const reasons = new Map(given.plan.down.map(({ service, reason }) => [service, reason]));
        for (const [service, reason] of reasons) expect(holds(given, service, reason), reason.why).toBe(true);
        for (const start of reasons.keys()) {
          const seen = new Set<ServiceId>();
          for (let at: ServiceId | undefined = start; at !== undefined; at = follow(given, at, reasons.get(at)!)) {
            expect(seen.has(at)).toBe(false);
            expect(reasons.has(at)).toBe(true);
            seen.add(at);
          }
        }
      }),
      RUNS,
    );
  });

  test('what was up is up afterwards, nothing else but what that needs, and nothing that is gone', () => {
    fc.assert(
      fc.property(plannedCase, (given) => {
        const { next, world, plan } = given;
        const after = afterwards(plan, world);
        expect(isSubset(mustBeUp(given), after)).toBe(true);
        for (const id of after) expect(isSubset(targetsOf(next.needs, id), after)).toBe(true);
        for (const { service, reason } of plan.up) {
          if (reason.why !== 'needed-by') continue;
          const dependent = serviceNamed(next, reason.because)!;
          expect(after.has(dependent) && targetsOf(next.needs, dependent).includes(service)).toBe(true);
        }
        expect(isSubset(strays(given), new Set(plan.down.map(({ service }) => service)))).toBe(true);
      }),
      RUNS,
    );
  });

  test('at no step does anything run without what it needs', () => {
    fc.assert(
      fc.property(plannedCase, ({ old, next, world, plan }) => {
        const up = new Set(everyService(old).filter((id) => world.services[id]!.up));
        for (const { service } of plan.down) {
          up.delete(service);
          expect(targetsOf(old.neededBy, service).some((dependent) => up.has(dependent))).toBe(false);
        }
        const now = new Set([...up].map((id) => successorOf(plan.identity, id)));
        for (const id of now) expect(isSubset(targetsOf(next.needs, id), now)).toBe(true);
        for (const { service, action } of plan.up) {
          expect(isSubset(targetsOf(next.needs, service), now)).toBe(true);
          expect(now.has(service)).toBe(action === 'reload');
          now.add(service);
        }
      }),
      RUNS,
    );
  });

  test('steps wait for exactly what they must, and for earlier ones only', () => {
    fc.assert(
      fc.property(plannedCase, ({ old, next, plan }) => {
        for (const [steps, edges] of [
          [plan.down, old.neededBy],
          [plan.up.filter(({ action }) => action === 'up'), next.needs],
        ] as const) {
          const place = new Map(steps.map(({ service }, index) => [service, index]));
          steps.forEach(({ service, after, afterEnd }, index) => {
            const expected = [...targetsOf(edges, service)].flatMap((id) => place.get(id) ?? []);
            expect([...after].sort()).toEqual(expected.sort());
            for (const at of [...after, ...afterEnd]) expect(at).toBeLessThan(index);
          });
        }
      }),
      RUNS,
    );
  });

  test('essential services are stopped only when that is asked for', () => {
    const sparing = plannedCase.filter(({ options }) => options.stopEssentials !== true);
    let stops = 0;
    fc.assert(
      fc.property(sparing, ({ old, plan }) => {
        for (const { service } of plan.down) expect(old.flags[service]! & FLAG.essential).toBe(0);
        stops += plan.down.length;
      }),
      RUNS,
    );
    expect(stops).toBeGreaterThan(RUNS.numRuns / 2);
  });

  test('an identical database moves nothing', () => {
    fc.assert(
      fc.property(aCase, ({ old, world }) => {
        const outcome = planUpdate(old, old, world);
        expect(outcome).toMatchObject({ ok: true, value: { down: [], up: [], stale: [] } });
      }),
      RUNS,
    );
  });
});

/** The rules of the design's "Updates", written down once more, one by one. */
function holds(given: Case & { readonly plan: UpdatePlan }, id: ServiceId, reason: UpdateReason): boolean {
  const { old, next, world, options, plan } = given;
  const { successor, gone, predecessor } = plan.identity;
  const { up, running } = world.services[id]!;
  if (!up && !running) return false;
  const now = successor[id]!;
  const goesOn = (need: ServiceId): boolean => predecessor[need] !== NOBODY && world.services[predecessor[need]!]!.up;
  switch (reason.why) {
    case 'removed':
      return gone[id] === 1;
    case 'type-changed':
      return gone[id] === 0 && (now === NOBODY || old.kinds[id] !== next.kinds[now]);
    case 'told-so':
      return up && (options.restart === 'all' || options.conversion!.restarts.has(id));
    case 'content-changed':
      return (
        up &&
        now !== NOBODY &&
        options.restart === 'changed' &&
        ['restart', 'rerun'].includes(ON_UPDATE[next.onUpdate[now]!]!) &&
        hashOf(old, id) !== hashOf(next, now)
      );
    case 'pipeline-changed':
      return (
        now !== NOBODY &&
        pipesOf(old, id, (name) => next.names[successor[old.names.indexOf(name)]!] ?? '-') !==
          pipesOf(next, now, (name) => name)
      );
    case 'new-dependency': {
      const need = serviceNamed(next, reason.because)!;
      return up && now !== NOBODY && targetsOf(next.needs, now).includes(need) && !goesOn(need);
    }
    case 'restarted-with':
      return up && follow(given, id, reason) !== undefined;
    default:
      return false;
  }
}

/** The old id that a reason points to, if it points to one that stops. */
function follow({ old, next, plan }: Case & { readonly plan: UpdatePlan }, id: ServiceId, reason: UpdateReason) {
  if (reason.why !== 'restarted-with') return undefined;
  const stops = new Set(plan.down.map(({ service }) => service));
  const inOld = serviceNamed(old, reason.because);
  if (inOld !== undefined && stops.has(inOld) && targetsOf(old.needs, id).includes(inOld)) return inOld;
  const inNew = serviceNamed(next, reason.because);
  const successor = plan.identity.successor[id]!;
  if (inNew === undefined || successor === NOBODY) return undefined;
  const before = plan.identity.predecessor[inNew]!;
  return before !== NOBODY && stops.has(before) && targetsOf(next.needs, successor).includes(inNew)
    ? before
    : undefined;
}

function afterwards(plan: UpdatePlan, world: UpdateWorld): Set<ServiceId> {
  const kept = plan.kept.filter(([id]) => world.services[id]!.up).map(([, now]) => now);
  return new Set([...kept, ...plan.up.filter(({ action }) => action === 'up').map(({ service }) => service)]);
}

function isSubset(some: Iterable<number>, all: ReadonlySet<number>): boolean {
  return [...some].every((id) => all.has(id));
}

/** New ids of all that stands for what was up. */
function mustBeUp({ world, plan }: Case & { readonly plan: UpdatePlan }): number[] {
  return world.services.flatMap(({ up }, id) => (up ? plan.identity.standIns[id]! : []));
}

/** Old ids of what runs and is gone from the new database. */
function strays({ world, plan }: Case & { readonly plan: UpdatePlan }): number[] {
  return world.services.flatMap(({ running }, id) => (running && plan.identity.gone[id] === 1 ? [id] : []));
}

function hashOf(database: Database, id: ServiceId): string {
  return String(database.contentHashes.subarray(id * 32, id * 32 + 32));
}

function pipesOf(database: Database, id: ServiceId, called: (name: string) => string): string {
  const consumer = [...targetsOf(database.producerFor, id)].map((other) => called(database.names[other]!));
  return `${consumer} ${targetsOf(database.consumerFor, id).length > 0}`;
}
