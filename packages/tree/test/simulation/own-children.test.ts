/** A start that a tree was killed in is looked for among orphans; where the tree is who adopts them, those are its children. */
import { Random } from '@muster/core/test/simulation/random';
import { stepAlive } from '@muster/core/test/simulation/run';
import { VirtualClock } from '@muster/core/test/simulation/virtual-clock';
import { expect, test } from 'vitest';
import { WELL_BEHAVED } from './daemon.ts';
import { Kernel } from './kernel.ts';
import { SCANDIR, TreeLife } from './tree-life.ts';

/** In a directory that is no service's, as the tree's keeper. */
const KEEPER = '/keeper';

test('what this life has started itself is not taken for that start', () => {
  const clock = new VirtualClock();
  const nobody = { started: () => {}, signalled: () => {}, ended: () => {}, notStarted: () => {} };
  const daemons = new Map(['web', 'keeper'].map((name) => [name, WELL_BEHAVED]));
  const kernel = new Kernel(clock, daemons, nobody, new Random(1));
  for (const directory of [`${SCANDIR}/web`, KEEPER]) kernel.disk.directories.set(directory, new Map([['run', '']]));
  const settle = () => {
    for (let steps = 0; steps < 100; steps++) stepAlive(clock);
  };
  const begin = (before: (life: TreeLife) => void) => {
    const life = new TreeLife(
      kernel,
      { descriptorLimit: 100_000, kernelTells: true },
      {
        told: () => {},
        warned: () => {},
        broke: (error) => {
          throw error;
        },
        died: () => {},
      },
    );
    before(life);
    life.begin(['web']);
    settle();
    return life;
  };
  const first = begin(({ machine }) => {
    machine.diesInFork = 0;
  });
  expect(first.isAlive).toBe(false);
  for (const orphan of kernel.living('web')) kernel.end(orphan, 0);

  let keeper = 0;
  const second = begin(({ processes }) => {
    keeper = processes.start({ path: './run', argv: ['keeper'], directory: KEEPER, descriptors: [] }, () => {}).pid;
  });
  second.command('u', 'web');
  settle();
  expect(kernel.living('keeper').map(({ pid }) => pid)).toEqual([keeper]);
  expect(kernel.living('web')).toHaveLength(1);
});
