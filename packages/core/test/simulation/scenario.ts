/** What a seed stands for: a graph, how its services behave, what is asked of them, and what goes wrong meanwhile. */
import { type Exit, isCleanExit } from '../../src/model/observation.ts';
import type { Behaviour } from './behaviour.ts';
import type { Node } from './graph.ts';
import type { Random } from './random.ts';

export interface Request {
  readonly at: number;
  readonly goal: 'up' | 'down' | 'restart' | 'reload';
  readonly names: readonly string[];
  readonly prune: boolean;
  readonly forced: boolean;
  readonly release: boolean;
  readonly standing: boolean;
  readonly jobs: number | undefined;
  readonly timeout: number | undefined;
  readonly noWait: boolean;
  /** Milliseconds from its plan until it carries it out. */
  readonly hesitates: number;
  /** Milliseconds after its beginning at which it is interrupted; undefined: never. */
  readonly cancelled: number | undefined;
  /** At which of its calls to the world it is killed. */
  readonly killed: number | undefined;
}

export type Fault =
  | { readonly at: number; readonly fault: 'death'; readonly name: string }
  | { readonly at: number; readonly fault: 'tree'; readonly duration: number };

export interface Scenario {
  readonly nodes: readonly Node[];
  readonly behaviours: readonly Behaviour[];
  readonly requests: readonly Request[];
  readonly faults: readonly Fault[];
  readonly latency: number;
  /** Nothing fails, hangs or is killed: then what is wanted at the end must be so. */
  readonly isPeaceful: boolean;
}

export function scenarioOf(random: Random, size: number): Scenario {
  const isPeaceful = random.chance(0.3);
  const tempers = Array.from({ length: size }, () => (isPeaceful ? reliable(random) : temperOf(random)));
  const nodes = nodesOf(random, tempers);
  const names = nodes.map(({ name }) => name);
  const span = random.pick([20, 200, 2000]);
  return {
    nodes,
    behaviours: tempers.map((temper) => behaviourOf(random, temper)),
    requests: Array.from({ length: random.between(1, 4) }, (_, index) => {
      const request = requestOf(random, names, index, span);
      return isPeaceful ? { ...request, ...UNDISTURBED } : request;
    }),
    faults: isPeaceful || random.chance(0.5) ? [] : faultsOf(random, names, span),
    latency: random.pick([0, 0, 1, 5]),
    isPeaceful,
  };
}

const UNDISTURBED = { timeout: undefined, noWait: false, cancelled: undefined, killed: undefined };

interface Temper {
  readonly kind: 'longrun' | 'oneshot';
  /** Of one start, stop or script. */
  readonly failure: number;
  readonly hang: number;
  /** Of dying some time after it was ready. */
  readonly crash: number;
  readonly slow: number;
}

function reliable(random: Random): Temper {
  const kind = random.chance(0.5) ? 'longrun' : 'oneshot';
  return { kind, failure: 0, hang: 0, crash: 0, slow: random.pick([1, 5, 50, 400]) };
}

function temperOf(random: Random): Temper {
  const temper = reliable(random);
  if (random.chance(0.6)) return temper;
  return { ...temper, failure: random.pick([0, 0.2, 1]), hang: random.pick([0, 0.2]), crash: random.pick([0, 0.3]) };
}

/** Needs only point to services that were made before, in an order that is not the one of the ids. */
function nodesOf(random: Random, tempers: readonly Temper[]): Node[] {
  const size = tempers.length;
  const order = Array.from({ length: size }, (_, id) => id);
  for (let at = size - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  const density = random.pick([0.5, 1.5, 3]);
  const soft = random.pick([0, 0.1, 0.5]);
  const rivalry = random.pick([0, 0, 0.1]);
  const nodes: Node[] = [];
  const fewOf = (count: number, limit: number) =>
    Array.from(
      { length: Math.min(limit, random.below(Math.round(count * 2) + 1)) },
      () => `s${order[random.below(limit)]!}`,
    );
  for (const [rank, id] of order.entries()) {
    const { kind, hang } = tempers[id]!;
    // Long enough for those that do not hang.
    const limited = hang > 0 || random.chance(0.3);
    const least = hang > 0 ? 50 : 1000;
    const needs = [...new Set(fewOf(density, rank))];
    const onRestart = Object.fromEntries(
      random.some(needs, 0.15).map((need) => [need, random.pick(['reload', 'ignore'] as const)]),
    );
    const others = (probability: number) =>
      random.chance(probability) ? [`s${random.below(size)}`].filter((name) => name !== `s${id}`) : [];
    nodes[id] = {
      name: `s${id}`,
      kind,
      needs,
      onRestart,
      wants: others(soft),
      after: others(soft),
      conflicts: others(rivalry),
      flags: [
        ...(random.chance(0.05) ? (['essential'] as const) : []),
        ...(random.chance(0.05) ? (['manual'] as const) : []),
      ],
      timeoutUp: limited ? random.between(least, 2000) : 0,
      timeoutDown: limited ? random.between(least, 2000) : 0,
    };
  }
  return nodes;
}

function behaviourOf(random: Random, { failure, hang, crash, slow }: Temper): Behaviour {
  const exit = (): Exit =>
    random.chance(failure) ? { code: random.between(1, 255), signal: 0 } : { code: 0, signal: 0 };
  return {
    start: () => ({
      spawn: random.below(3),
      ready: random.chance(hang) ? null : random.below(slow),
      death: random.chance(failure) ? random.below(slow) : random.chance(crash) ? slow + random.below(500) : null,
      exit: { code: random.pick([0, 1]), signal: 0 },
    }),
    stop: () => (random.chance(hang) ? null : random.below(slow)),
    finish: () => random.between(1, 20),
    givesUp: () => random.chance(failure / 2),
    mayEnd: isCleanExit,
    script: () => ({ duration: random.chance(hang) ? null : random.below(slow), exit: exit() }),
  };
}

function requestOf(random: Random, names: readonly string[], index: number, span: number): Request {
  const goal = index === 0 || random.chance(0.5) ? 'up' : random.pick(['down', 'down', 'restart', 'reload'] as const);
  const whole = random.chance(0.3);
  return {
    at: index === 0 ? 0 : random.below(span),
    goal,
    names: whole ? names : random.some(names, 0.3),
    prune: random.chance(0.1),
    forced: random.chance(0.2),
    release: random.chance(0.2),
    standing: random.chance(0.1),
    jobs: random.chance(0.2) ? random.between(1, 3) : undefined,
    timeout: random.chance(0.15) ? random.below(span * 2) : undefined,
    noWait: random.chance(0.05),
    hesitates: random.chance(0.3) ? random.below(20) : 0,
    cancelled: random.chance(0.15) ? random.below(span) : undefined,
    killed: random.chance(0.25) ? random.between(1, names.length * 25) : undefined,
  };
}

function faultsOf(random: Random, names: readonly string[], span: number): Fault[] {
  return Array.from({ length: random.between(1, 4) }, () => {
    const at = random.below(span * 2);
    if (random.chance(0.3)) return { at, fault: 'tree', duration: random.below(span) };
    return { at, fault: 'death', name: random.pick(names) };
  });
}
