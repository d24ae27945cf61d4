/** What a seed stands for: services, what is asked of them, and what goes wrong meanwhile. It is data, so that parts can be left out. */
import type { Node } from '@muster/core/test/simulation/graph';
import { Random } from '@muster/core/test/simulation/random';
import { type Daemon, daemonOf, RELIABLE, type Temper } from './daemon.ts';
import type { MachineOptions } from './machine.ts';
import { type Settings, settingsOf, withEnds } from './settings.ts';

export interface Request {
  readonly at: number;
  readonly goal: 'up' | 'down' | 'restart' | 'reload';
  readonly names: readonly string[];
  readonly timeout: number | undefined;
  readonly cancelled: number | undefined;
  /** At which of its calls to the world it is killed. */
  readonly killed: number | undefined;
}

export type Fault = { readonly at: number } & (
  | { readonly fault: 'death'; readonly name: string }
  /**
   * At its call of that number from then on; `fork`: in the next start, whose process comes to its exec so much later. `usurped`:
   * what it leaves dies, and strangers get those pids, before another life begins.
   */
  | {
      readonly fault: 'kill the tree';
      readonly call: number;
      readonly fork: number | undefined;
      readonly away: number;
      readonly usurped: boolean;
    }
  /** Milliseconds on or back. */
  | { readonly fault: 'set the clock'; readonly by: number }
  | { readonly fault: 'no processes'; readonly duration: number }
  | { readonly fault: 'no run'; readonly name: string; readonly duration: number }
  /** They take pids that were others'. */
  | { readonly fault: 'strangers'; readonly count: number; readonly duration: number }
);

export interface Scenario {
  readonly seed: number;
  readonly nodes: readonly Node[];
  readonly settings: ReadonlyMap<string, Settings>;
  readonly tempers: ReadonlyMap<string, Temper>;
  readonly requests: readonly Request[];
  readonly faults: readonly Fault[];
  readonly options: MachineOptions;
  /** Nothing fails, hangs or is killed: then what is wanted at the end must be so. */
  readonly isPeaceful: boolean;
}

/** A request to the service of `alone`, which nobody disturbs. */
export const calmly = { names: ['s0'], timeout: undefined, cancelled: undefined, killed: undefined } as const;

/** One service, of which nothing is asked yet. */
export function alone(seed: number, settings: Settings, temper: Temper): Scenario {
  return {
    seed,
    nodes: [{ name: 's0', timeoutUp: 4000, timeoutDown: 4000 }],
    settings: new Map([['s0', settings]]),
    tempers: new Map([['s0', temper]]),
    requests: [],
    faults: [],
    options: { latency: 0, lost: 0, descriptorLimit: 100_000, kernelTells: true },
    isPeaceful: false,
  };
}

const DAY = 86_400_000;
/** A limit of descriptors with which the tree has room for services, and none for pidfds. */
const NO_PIDFDS = 256;

/** Of the seeds that tests name, none: their histories are what they were when a rule was broken. */
function hasEnds(seed: number): boolean {
  return [2, 3, 4].includes(seed % 8);
}

export function scenarioOf(seed: number, size: number): Scenario {
  const random = new Random(seed);
  const isPeaceful = random.chance(0.15);
  const nodes = nodesOf(random, size);
  const names = nodes.map(({ name }) => name);
  const tempers = new Map(names.map((name) => [name, temperOf(random, isPeaceful)]));
  const settings = new Map(
    names.map((name) => {
      const { deaf, resigns } = tempers.get(name)!;
      return [name, settingsOf(random, { deaf: deaf > 0, mayResign: resigns > 0 })];
    }),
  );
  const span = random.pick([50, 500, 3000]);
  const endings = new Random(~seed);
  return {
    seed,
    nodes,
    settings: hasEnds(seed) ? new Map([...settings].map(([name, of]) => [name, withEnds(of, endings)])) : settings,
    tempers,
    requests: Array.from({ length: random.between(1, 3) }, (_, index) =>
      requestOf(random, { names, index, span, isPeaceful }),
    ),
    faults: isPeaceful ? [] : Array.from({ length: random.between(0, 6) }, () => faultOf(random, names, span)),
    options: {
      latency: random.pick([0, 0, 3, 20]),
      lost: random.pick([0, 0, 0.1, 0.5]),
      descriptorLimit: random.chance(0.2) ? NO_PIDFDS : 100_000,
      kernelTells: random.chance(0.5),
    },
    isPeaceful,
  };
}

/** Each service behaves by numbers of its own. */
export function daemonsOf({ seed, nodes, tempers }: Scenario): Map<string, Daemon> {
  return new Map(nodes.map(({ name }, id) => [name, daemonOf(new Random(seed * 31 + id + 7), tempers.get(name)!)]));
}

function temperOf(random: Random, isPeaceful: boolean): Temper {
  const slow = random.pick([1, 5, 50, 400]);
  if (isPeaceful || random.chance(0.4)) return { ...RELIABLE, slow };
  return {
    slow,
    failure: random.pick([0, 0.3, 1]),
    gasp: random.pick([0, 0, 0.5]),
    crash: random.pick([0, 0, 0.5]),
    hang: random.pick([0, 0, 0.3]),
    deaf: random.pick([0, 0, 0.5]),
    resigns: random.pick([0, 0, 0.3]),
  };
}

/** Needs only point to services that were made before. */
function nodesOf(random: Random, size: number): Node[] {
  const density = random.pick([0.3, 1, 2]);
  const rivalry = random.pick([0, 0, 0.1]);
  return Array.from({ length: size }, (_, id) => {
    const some = id === 0 ? 0 : Math.min(id, random.below(Math.round(density * 2) + 1));
    const needs = [...new Set(Array.from({ length: some }, () => `s${random.below(id)}`))];
    const onRestart = Object.fromEntries(
      random.some(needs, 0.15).map((need) => [need, random.pick(['reload', 'ignore'] as const)]),
    );
    const conflicts = random.chance(rivalry) ? [`s${random.below(size)}`].filter((name) => name !== `s${id}`) : [];
    // Whatever never comes up, or never goes down, is given up.
    return { name: `s${id}`, needs, onRestart, conflicts, timeoutUp: 4000, timeoutDown: 4000 };
  });
}

interface Place {
  readonly names: readonly string[];
  readonly index: number;
  readonly span: number;
  readonly isPeaceful: boolean;
}

function requestOf(random: Random, { names, index, span, isPeaceful }: Place): Request {
  const goal = index === 0 || random.chance(0.5) ? 'up' : random.pick(['down', 'down', 'restart', 'reload'] as const);
  const whole = random.chance(0.3);
  const may = (probability: number, value: () => number) =>
    random.chance(probability) && !isPeaceful ? value() : undefined;
  return {
    at: index === 0 ? 0 : random.below(span),
    goal,
    names: whole ? names : random.some(names, 0.4),
    timeout: may(0.1, () => random.below(span * 2)),
    cancelled: may(0.1, () => random.below(span)),
    killed: may(0.2, () => random.between(1, names.length * 25)),
  };
}

function faultOf(random: Random, names: readonly string[], span: number): Fault {
  const at = random.below(span * 2);
  const kill = (): Fault => ({
    at,
    fault: 'kill the tree',
    call: random.pick([1, random.between(1, 12), random.between(1, 60)]),
    fork: random.chance(0.25) ? random.pick([0, 5, 400]) : undefined,
    away: random.pick([1, 20, 300, 2500]),
    usurped: random.chance(0.2),
  });
  switch (random.below(9)) {
    case 0:
      return { at, fault: 'death', name: random.pick(names) };
    case 1:
      return { at, fault: 'set the clock', by: random.pick([-DAY, -3000, 3000, DAY]) };
    case 2:
      return { at, fault: 'no processes', duration: random.below(1500) };
    case 3:
      return { at, fault: 'no run', name: random.pick(names), duration: random.below(1500) };
    case 4:
      return { at, fault: 'strangers', count: random.between(1, 30), duration: random.pick([30, 3000]) };
    default:
      return kill();
  }
}
