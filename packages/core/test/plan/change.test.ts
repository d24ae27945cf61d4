import { describe, expect, test } from 'vitest';
import { planChange } from '../../src/plan/change.ts';
import { type Goal, select, withStanding } from '../../src/plan/goal.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { World } from '../../src/plan/world.ts';
import { type GoalOptions, goalOf } from '../goal-of.ts';
import { databaseOf, type Node } from '../simulation/graph.ts';

interface Given {
  readonly nodes: readonly Node[];
  readonly bundles?: Readonly<Record<string, readonly string[]>>;
  /** What is up; with `!` in front: wanted explicitly, otherwise pulled in. With `?`: wanted, and down. */
  readonly up?: readonly string[];
}

type Ask = GoalOptions & { goal: Goal['goal']; all?: boolean };

function plan({ nodes, bundles = {}, up = [] }: Given, ask: Ask, ...names: string[]): Plan & { lines: string[] } {
  const database = databaseOf(nodes, bundles);
  const standing = new Map(up.map((mark) => [mark.replace(/^[!?]/, ''), mark[0]]));
  const world: World = {
    condition: (id) => (standing.has(database.names[id]!) && standing.get(database.names[id]!) !== '?' ? 'up' : 'down'),
    wanted: (id) => {
      const mark = standing.get(database.names[id]!);
      return mark === undefined ? 'no' : mark === '!' || mark === '?' ? 'explicit' : 'pulled';
    },
  };
  const { selection, unknown } = select(database, names);
  expect(unknown).toEqual([]);
  const chosen = ask.all ? withStanding(database, world, selection) : selection;
  const made = planChange(database, world, goalOf(ask.goal, chosen, ask));
  const name = (id: number) => database.names[id]!;
  const lines = made.steps.map(({ service, action, reason }) => {
    const because = 'because' in reason ? ` ${name(reason.because)}` : '';
    return `${action} ${name(service)}: ${reason.why}${because}`;
  });
  return { ...made, lines };
}

const SHOP: Node[] = [
  { name: 'disk', kind: 'oneshot' },
  { name: 'mysql', needs: ['disk'] },
  { name: 'web', needs: ['mysql'] },
  { name: 'mail', needs: ['disk'] },
];

describe('up', () => {
  test('starts what is named and what it needs, and says why', () => {
    expect(plan({ nodes: SHOP }, { goal: 'up' }, 'web').lines).toEqual([
      'up disk: needed-by mysql',
      'up mysql: needed-by web',
      'up web: named',
    ]);
  });

  test('starts again what died below something that is up', () => {
    expect(plan({ nodes: SHOP, up: ['disk', '?mysql', '!web'] }, { goal: 'up' }, 'web').lines).toEqual([
      'up mysql: needed-by web',
    ]);
  });

  test('what is up because it was pulled in becomes wanted for itself', () => {
    const { lines, wishes } = plan({ nodes: SHOP, up: ['disk', 'mysql', '!web'] }, { goal: 'up' }, 'mysql');
    expect(lines).toEqual([]);
    expect(wishes).toEqual([
      { service: 1, wanted: 'explicit' },
      { service: 0, wanted: 'pulled' },
    ]);
  });

  test('a manual member of a bundle starts only when it is named or needed', () => {
    const nodes: Node[] = [{ name: 'a' }, { name: 'debug', flags: ['manual'] }, { name: 'tool', needs: ['debug'] }];
    const bundles = { all: ['a', 'debug'] };
    expect(plan({ nodes, bundles }, { goal: 'up' }, 'all').lines).toEqual(['up a: named']);
    expect(plan({ nodes, bundles }, { goal: 'up' }, 'all', 'debug').lines).toEqual(['up a: named', 'up debug: named']);
    expect(plan({ nodes, bundles }, { goal: 'up' }, 'tool').lines).toEqual([
      'up debug: needed-by tool',
      'up tool: named',
    ]);
  });

  test('a manual member of a bundle that is up belongs to the bundle as any other', () => {
    const nodes: Node[] = [{ name: 'a' }, { name: 'debug', flags: ['manual'] }, { name: 'other', flags: ['manual'] }];
    const bundles = { all: ['a', 'debug'] };
    const up = ['!a', '!debug', '!other'];
    expect(plan({ nodes, bundles, up }, { goal: 'up', prune: true }, 'all').lines).toEqual(['down other: pruned']);
  });

  test('pruned: the selection, what it needs and wants, and nothing else; stops come first', () => {
    const { lines, stopsFirst } = plan({ nodes: SHOP, up: ['disk', '!mail'] }, { goal: 'up', prune: true }, 'mysql');
    expect(lines).toEqual(['down mail: pruned', 'up mysql: named']);
    expect(stopsFirst).toBe(true);
  });
});

describe('wants', () => {
  const nodes: Node[] = [
    { name: 'web', wants: ['metrics'] },
    { name: 'metrics', needs: ['store'] },
    { name: 'store' },
    { name: 'rival', conflicts: ['store'] },
  ];

  test('join what starts, with what they need, and are waited for whether they succeed or not', () => {
    const { lines, steps } = plan({ nodes }, { goal: 'up' }, 'web');
    expect(lines).toEqual(['up store: needed-by metrics', 'up metrics: wanted-by web', 'up web: named']);
    expect(steps[2]).toMatchObject({ after: [], afterEnd: [1] });
  });

  test('do not start again because of something that is up already', () => {
    expect(plan({ nodes, up: ['!web'] }, { goal: 'up' }, 'web').lines).toEqual([]);
  });

  test('stay away if something that is up would have to stop for them', () => {
    expect(plan({ nodes, up: ['!rival'] }, { goal: 'up' }, 'web').lines).toEqual(['up web: named']);
  });

  test('do not hold what they stop: it goes on', () => {
    expect(plan({ nodes, up: ['!web', 'metrics', 'store'] }, { goal: 'down' }, 'metrics').lines).toEqual([
      'down metrics: named',
    ]);
  });

  test('are not pruned with what wants them', () => {
    const up = ['!web', 'metrics', 'store'];
    expect(plan({ nodes, up }, { goal: 'up', prune: true }, 'web').lines).toEqual([]);
  });
});

describe('orders', () => {
  test('matter only when both are in the same change, and turn around on the way down', () => {
    const nodes: Node[] = [{ name: 'net', after: ['fire'] }, { name: 'fire' }];
    const both = plan({ nodes }, { goal: 'up' }, 'net', 'fire');
    expect(both.lines).toEqual(['up fire: named', 'up net: named']);
    expect(both.steps[1]).toMatchObject({ after: [], afterEnd: [0] });
    expect(plan({ nodes }, { goal: 'up' }, 'net').lines).toEqual(['up net: named']);
    expect(plan({ nodes, up: ['!net', '!fire'] }, { goal: 'down' }, 'net', 'fire').lines).toEqual([
      'down net: named',
      'down fire: named',
    ]);
  });

  test('a circle of wants and orders does not keep anything from starting', () => {
    const nodes: Node[] = [
      { name: 'a', wants: ['b'] },
      { name: 'b', wants: ['c'] },
      { name: 'c', after: ['a'], needs: ['d'] },
      { name: 'd' },
    ];
    const { steps } = plan({ nodes }, { goal: 'up' }, 'a');
    expect(steps).toHaveLength(4);
    for (const [index, { after, afterEnd }] of steps.entries()) {
      for (const earlier of [...after, ...afterEnd]) expect(earlier).toBeLessThan(index);
    }
  });
});

describe('conflicts', () => {
  const nodes: Node[] = [
    { name: 'apache', conflicts: ['nginx'] },
    { name: 'nginx' },
    { name: 'blog', needs: ['nginx'] },
    { name: 'both', needs: ['apache', 'nginx'] },
  ];

  test('the other one stops first, with what needs it', () => {
    const { lines, steps } = plan({ nodes, up: ['nginx', '!blog'] }, { goal: 'up' }, 'apache');
    expect(lines).toEqual(['down blog: needs nginx', 'down nginx: conflicts-with apache', 'up apache: named']);
    expect(steps[2]!.after).toEqual([1]);
  });

  test('to want both is refused, and nothing is done', () => {
    const { lines, refused } = plan({ nodes }, { goal: 'up' }, 'both');
    expect(lines).toEqual([]);
    expect(refused).toContainEqual({ why: 'conflict', service: 0, with: 1 });
  });

  test('an essential one does not give way', () => {
    const guarded = nodes.map((node) => (node.name === 'blog' ? { ...node, flags: ['essential' as const] } : node));
    const { lines, refused } = plan({ nodes: guarded, up: ['nginx', '!blog'] }, { goal: 'up' }, 'apache');
    expect(lines).toEqual([]);
    expect(refused).toContainEqual({ why: 'essential', service: 2, for: 1 });
  });
});

describe('down', () => {
  const up = ['disk', 'mysql', '!web', '!mail'];

  test('stops dependents first', () => {
    expect(plan({ nodes: SHOP, up }, { goal: 'down' }, 'mysql').lines).toEqual([
      'down web: needs mysql',
      'down mysql: named',
    ]);
  });

  test('leaves what it needed, unless that is to be released', () => {
    const { lines } = plan({ nodes: SHOP, up }, { goal: 'down', release: true }, 'web');
    expect(lines).toEqual(['down web: named', 'down mysql: released']);
  });

  test('released is also what nobody asked to stop: everything pulled in that nothing needs', () => {
    const given = { nodes: SHOP, up: ['disk', 'mysql', '!mail'] };
    expect(plan(given, { goal: 'down', release: true }).lines).toEqual(['down mysql: released']);
  });

  test('-a takes everything that is up', () => {
    const { lines } = plan({ nodes: SHOP, up }, { goal: 'down', all: true });
    expect(lines).toEqual(['down web: named', 'down mail: named', 'down mysql: named', 'down disk: named']);
  });

  test('pruned: what does not need the selection is up', () => {
    const { lines } = plan({ nodes: SHOP, up: ['disk', 'mysql', '!web'] }, { goal: 'down', prune: true }, 'mysql');
    expect(lines).toEqual(['down web: needs mysql', 'down mysql: named', 'up mail: named']);
  });

  test('an essential service is kept with what it needs, all else stops', () => {
    const nodes = SHOP.map((node) => (node.name === 'mysql' ? { ...node, flags: ['essential' as const] } : node));
    const { lines, refused } = plan({ nodes, up }, { goal: 'down' }, 'disk');
    expect(lines).toEqual(['down web: needs mysql', 'down mail: needs disk']);
    expect(refused).toEqual([
      { why: 'essential', service: 1, for: 0 },
      { why: 'needed-by-essential', service: 0, essential: 1 },
    ]);
    expect(plan({ nodes, up }, { goal: 'down', forced: true }, 'disk').lines).toHaveLength(4);
  });
});

describe('restart', () => {
  test('of what is down is refused by name, and restarts the others', () => {
    const { lines, refused } = plan({ nodes: SHOP, up: ['!disk', '!mail'] }, { goal: 'restart' }, 'web', 'mail');
    expect(lines).toEqual(['down mail: named', 'up mail: was-up']);
    expect(refused).toEqual([{ why: 'not-up', service: 2 }]);
  });

  test('of a bundle leaves those of its members alone that are down', () => {
    const given = { nodes: SHOP, bundles: { all: ['web', 'mail'] }, up: ['!disk', '!mail'] };
    expect(plan(given, { goal: 'restart' }, 'all')).toMatchObject({
      lines: ['down mail: named', 'up mail: was-up'],
      refused: [],
    });
  });

  const up = ['disk', 'mysql', '!web', '!mail'];

  test('takes dependents along, and brings back exactly what was up', () => {
    const nodes: Node[] = [...SHOP, { name: 'admin', needs: ['mysql'] }];
    expect(plan({ nodes, up }, { goal: 'restart' }, 'mysql').lines).toEqual([
      'down web: restarted-with mysql',
      'down mysql: named',
      'up mysql: was-up',
      'up web: was-up',
    ]);
  });

  test('a dependent may reload instead, or not care', () => {
    const nodes: Node[] = [
      { name: 'dns' },
      { name: 'proxy', needs: ['dns'], onRestart: { dns: 'reload' } },
      { name: 'ntp', needs: ['dns'], onRestart: { dns: 'ignore' } },
    ];
    expect(plan({ nodes, up: ['!dns', '!proxy', '!ntp'] }, { goal: 'restart' }, 'dns').lines).toEqual([
      'down dns: named',
      'up dns: was-up',
      'reload proxy: restarted-with dns',
    ]);
  });

  test('starts what is wanted and failed, not what is down', () => {
    expect(plan({ nodes: SHOP, up: ['disk', '?mail'] }, { goal: 'restart' }, 'mail', 'web').lines).toEqual([
      'up mail: was-up',
    ]);
  });

  test('of an essential service is refused, unless forced', () => {
    const nodes = SHOP.map((node) => (node.name === 'web' ? { ...node, flags: ['essential' as const] } : node));
    const { lines, refused } = plan({ nodes, up }, { goal: 'restart' }, 'mysql');
    expect(lines).toEqual([]);
    expect(refused).toEqual([
      { why: 'essential', service: 2, for: 1 },
      { why: 'needed-by-essential', service: 1, essential: 2 },
    ]);
    expect(plan({ nodes, up }, { goal: 'restart', forced: true }, 'mysql').lines).toHaveLength(4);
  });
});

test('reload: what is up; what is named and is not up is refused', () => {
  const bundles = { all: ['disk', 'mysql', 'web'] };
  const { lines, refused } = plan({ nodes: SHOP, bundles, up: ['disk', 'mysql'] }, { goal: 'reload' }, 'all', 'mail');
  expect(lines).toEqual(['reload disk: named', 'reload mysql: named']);
  expect(refused).toEqual([{ why: 'not-up', service: 3 }]);
});

test('a chain of 100,000 is planned: nothing recurses', () => {
  const nodes = Array.from(
    { length: 100_000 },
    (_, id): Node => ({ name: `n${id}`, needs: id === 0 ? [] : [`n${id - 1}`] }),
  );
  const { steps } = plan({ nodes }, { goal: 'up' }, 'n99999');
  expect(steps).toHaveLength(100_000);
  expect(steps[99_999]!.after).toEqual([99_998]);
});
