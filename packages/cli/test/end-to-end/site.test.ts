/** The life of fixtures/site: what `npm start` shows, with the order, the processes and the files looked at. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Machine, ROOT } from './machine.ts';
import { eventsOfChange, type Start, startsIn, statusOf } from './seen-by-commands.ts';
import { siteMachine } from './site-machine.ts';

const SOURCE = join(ROOT, 'fixtures/site/source');

describe('the site', () => {
  let machine: Machine;
  let starts: Map<string, Start>;

  beforeAll(() => {
    machine = siteMachine();
  });
  afterAll(() => machine.dispose());

  const page = async () => {
    const url = readFileSync(join(machine.directory, 'site/web.url'), 'utf8').trim();
    return await (await fetch(url)).text();
  };

  test('compiles, and is initialised with every service down', () => {
    machine.must('rc-compile', machine.source, machine.compiled);
    machine.must('rc-init');
    const states = [...statusOf(machine).values()].map(({ name, state }) => `${name} ${state}`);
    expect(states).toEqual([
      'directories down',
      'frame down',
      'metrics down',
      'quotes down',
      'web down',
      'worker down',
    ]);
  });

  test('comes up, and does what it is for', async () => {
    starts = startsIn(eventsOfChange(machine, 'default'));
    expect([...starts.keys()].sort()).toEqual(['directories', 'frame', 'quotes', 'web', 'worker']);
    expect(await page()).toContain('(picked by the worker)');
  });

  test('no service began before what it needs was done', () => {
    for (const [name, { began }] of starts) {
      for (const need of needsOf(name))
        expect(began, `${name} needs ${need}`).toBeGreaterThanOrEqual(starts.get(need)!.done);
    }
  });

  test('services that do not need each other started at the same time', () => {
    const quotes = starts.get('quotes')!;
    const frame = starts.get('frame')!;
    expect(quotes.began).toBeLessThanOrEqual(frame.done);
    expect(frame.began).toBeLessThanOrEqual(quotes.done);
  });

  test('a server that is killed comes back, and the worker goes on', async () => {
    const before = statusOf(machine);
    process.kill(before.get('web')!.pid!, 'SIGKILL');
    await eventually('web is ready again', () => {
      const web = statusOf(machine).get('web')!;
      return web.ready && web.pid !== before.get('web')!.pid;
    });
    await eventually('the worker reaches the new server', async () =>
      (await page()).includes('(picked by the worker)'),
    );
    expect(statusOf(machine).get('worker')!.pid).toBe(before.get('worker')!.pid);
  });

  test('rc-diff tells an edit of the source, and an update restarts only what it concerns', async () => {
    expect(machine.run('rc-diff').status).toBe(0);
    writeFileSync(join(machine.source, 'worker/data/signature'), '(chosen with care)\n');
    const difference = machine.run('rc-diff');
    expect(difference.status).toBe(1);
    expect(difference.stdout).toContain('worker');
    expect(difference.stdout).not.toContain('frame');

    const before = statusOf(machine);
    machine.must('rc-compile', machine.source, machine.compiled);
    machine.must('rc-update');
    const after = statusOf(machine);
    expect(after.get('worker')!.pid).not.toBe(before.get('worker')!.pid);
    expect(after.get('web')!.pid).toBe(before.get('web')!.pid);
    expect(await page()).toContain('(chosen with care)');
    expect(machine.run('rc-diff').status).toBe(0);
  });

  test('an on-demand service starts and stops without touching the others', () => {
    const before = statusOf(machine);
    machine.must('rc-change', 'metrics');
    expect(statusOf(machine).get('metrics')).toMatchObject({ state: 'ready', wanted: 'explicit' });
    machine.must('rc-change', '-d', 'metrics');
    const after = statusOf(machine);
    expect(after.get('metrics')!.state).toBe('down');
    for (const name of ['web', 'worker']) expect(after.get(name)!.pid).toBe(before.get(name)!.pid);
  });

  test('shuts down without leaving a process or a file', () => {
    machine.must('rc-shutdown');
    expect(machine.processes()).toEqual([]);
    expect(readdirSync(machine.directory).sort()).toEqual(['compiled', 'source']);
  });
});

function needsOf(service: string): string[] {
  const directory = join(SOURCE, service, 'dependencies.d');
  return existsSync(directory) ? readdirSync(directory) : [];
}
