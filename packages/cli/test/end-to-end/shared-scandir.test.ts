/** Several live directories on one s6-svscan, its limits, and its death. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { hasEnded } from '@muster/posix/test/processes';
import { supervisorNamed } from '@muster/supervisors/supervisor-table';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Machine } from './machine.ts';
import { statusOf } from './seen-by-commands.ts';
import { kindsHere, writeSource } from './supervisors.ts';

const PAUSE = '#!/bin/sh\nexec sleep 1000\n';

describe.skipIf(!kindsHere().includes('s6'))('one s6-svscan', () => {
  let machine: Machine;
  let scandir: string;
  const live = (name: string) => join(machine.directory, name);
  const startTree = async (...options: string[]) => {
    const words = [...options, scandir];
    spawn('s6-svscan', words, { env: machine.environment, stdio: 'ignore', detached: true }).unref();
    await eventually('s6-svscan', () => supervisorNamed('s6')!.isWatching(scandir));
  };
  const init = (name: string, ...options: string[]) =>
    machine.run('rc-init', '-b', 's6', '--scandir', scandir, '-l', live(name), ...options);
  const entries = () => readdirSync(scandir).filter((name) => !name.startsWith('.'));

  beforeEach(() => {
    const empty = mkdtempSync(join(tmpdir(), 'muster-empty-'));
    machine = new Machine(empty, () => ({}));
    rmSync(empty, { recursive: true });
    scandir = join(machine.directory, 'scan');
    mkdirSync(scandir);
    writeSource(machine.source, {
      store: { type: 'longrun\n', run: `#!/bin/sh\necho "$1" >started\n${PAUSE}` },
      web: { type: 'longrun\n', run: PAUSE, 'dependencies.d/store': '' },
    });
    machine.must('rc-compile', machine.source, machine.compiled);
  });
  afterEach(() => machine.dispose());

  test('serves several live directories, kept apart by prefixes', async () => {
    await startTree();
    expect(init('one', '--prefix', 'one-').status).toBe(0);
    expect(init('two', '--prefix', 'two-').status).toBe(0);
    expect(entries().sort()).toEqual(
      ['one', 'two'].flatMap((name) => ['s6rc-oneshots', 'store', 'web'].map((service) => `${name}-${service}`)),
    );
    machine.must('rc-change', '-l', live('one'), 'web');
    machine.must('rc-change', '-l', live('two'), 'store');
    const states = (name: string) =>
      JSON.parse(machine.must('rc-status', '--json', '-l', live(name))).services.map(
        ({ state }: { state: string }) => state,
      );
    expect([states('one'), states('two')]).toEqual([
      ['up', 'up'],
      ['up', 'down'],
    ]);
    expect(spawnSync('s6-svstat', ['-o', 'up', join(scandir, 'one-web')], { encoding: 'utf8' }).stdout).toBe('true\n');
    machine.must('rc-shutdown', '-l', live('one'));
    expect(states('two')).toEqual(['up', 'down']);
    expect(entries().sort()).toEqual(['two-s6rc-oneshots', 'two-store', 'two-web']);
    machine.must('rc-shutdown', '-l', live('two'));
  });

  test('has names that are taken: that is said, and nothing is made', async () => {
    await startTree();
    expect(init('one').status).toBe(0);
    const second = init('two');
    expect([second.status, second.stderr]).toEqual([
      1,
      `rc-init: ${scandir} has services of these names already, which are not ours: s6rc-oneshots, store, web
  hint: keep them apart with --prefix
`,
    ]);
    expect(existsSync(live('two'))).toBe(false);
    machine.must('rc-shutdown', '-l', live('one'));
  });

  test.each([['-c2'], ['-c', '2']])('has a limit (%s %s): that is said, and nothing is made', async (...options) => {
    await startTree(...options);
    const answer = init('one');
    expect([answer.status, answer.stderr]).toEqual([
      1,
      `rc-init: s6-svscan watches at most 2 services in ${scandir}, and they would be 3
  hint: start it with a greater number: s6-svscan -c 3 (-C since s6 2.12)
`,
    ]);
    expect(existsSync(live('one'))).toBe(false);
  });

  test('is not there: that is said, and nothing is made', () => {
    const answer = init('one');
    expect([answer.status, answer.stderr]).toEqual([
      1,
      `rc-init: no s6-svscan watches ${scandir}\n  hint: start one: s6-svscan ${scandir}\n`,
    ]);
    expect(existsSync(live('one'))).toBe(false);
  });

  test('dies and is started again: services keep running, and changes go on', async () => {
    await startTree();
    machine.must('rc-init', '-b', 's6', '--scandir', scandir);
    machine.must('rc-change', 'store');
    const before = statusOf(machine).get('store')!.pid;
    const tree = machine.processes().find(({ command }) => command.startsWith('s6-svscan'))!;
    process.kill(tree.pid, 'SIGKILL');
    await eventually('its death', () => hasEnded(tree.pid));
    machine.must('rc-change', 'web');
    await startTree();
    machine.must('rc-init', '-b', 's6', '--scandir', scandir);
    expect(statusOf(machine).get('store')).toMatchObject({ state: 'up', pid: before });
    machine.must('rc-change', '-d', 'web');
    machine.must('rc-shutdown');
  });
});
