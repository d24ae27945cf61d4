/** A bug that shows in one service is logged, and that service is left alone; the tree and the others go on. */
import { Random } from '@muster/core/test/simulation/random';
import { stepAlive } from '@muster/core/test/simulation/run';
import { VirtualClock } from '@muster/core/test/simulation/virtual-clock';
import { expect, test } from 'vitest';
import { WELL_BEHAVED } from './daemon.ts';
import { Kernel } from './kernel.ts';
import { SCANDIR, TreeLife } from './tree-life.ts';

test('an invariant that breaks', () => {
  const clock = new VirtualClock();
  const names = ['good', 'bad'];
  const nobody = { started: () => {}, signalled: () => {}, ended: () => {}, notStarted: () => {} };
  const kernel = new Kernel(clock, new Map(names.map((name) => [name, WELL_BEHAVED])), nobody, new Random(1));
  const files = new Map([
    ['run', ''],
    ['down', ''],
  ]);
  for (const name of names) kernel.disk.directories.set(`${SCANDIR}/${name}`, files);
  const warnings: string[] = [];
  const thrown: unknown[] = [];
  const life = new TreeLife(
    kernel,
    { descriptorLimit: 100_000, kernelTells: true },
    {
      told: () => {},
      warned: (message) => warnings.push(message),
      broke: (error) => thrown.push(error),
      died: () => {},
    },
  );
  const settle = () => {
    for (let steps = 0; steps < 100; steps++) stepAlive(clock);
  };
  life.begin(names);
  life.command('u', 'bad');
  settle();
  const [orphan] = kernel.living('bad');
  // The kernel never gives such a pid: to write it down would have a later life signal process 1.
  const { spawn } = life.system.processes;
  Object.assign(life.system.processes, {
    spawn: (child: Parameters<typeof spawn>[0]) =>
      child.directory.endsWith('/bad') ? { pid: 1, startTime: 5 } : spawn(child),
  });
  kernel.end(orphan!, 0);
  settle();
  settle();
  expect(thrown).toEqual([]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(
    /^bad: left alone, since there is a bug in the tree: the children file was to say of bad: /,
  );
  expect(warnings[0]).toContain('"status":{');
  expect(life.find('bad')?.state).toBe('gone');

  life.command('u', 'bad');
  life.command('u', 'good');
  settle();
  expect(life.isAlive).toBe(true);
  expect(life.find('good')?.state).toBe('up');
  expect([kernel.living('good').length, kernel.living('bad').length]).toEqual([1, 0]);

  life.stop();
  expect(life.hasStopped).toBe(false);
  settle();
  expect(life.hasStopped).toBe(true);
});
