/** Oneshots where no inode or no descriptor is left: what cannot start has failed, and says why; what has ended holds nothing. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, describe, expect, test } from 'vitest';
import { Machine } from './machine.ts';
import { statusOf } from './seen-by-commands.ts';
import { type Source, writeSource } from './supervisors.ts';

const INODES = 400;
const DESCRIPTORS = 512;
const MANY = 600;

/** With a live directory on a file system of its own. */
class SmallMachine extends Machine {
  readonly small = join(this.directory, 'small');
  override readonly live = join(this.small, 'live');

  constructor(source: Source) {
    const empty = mkdtempSync(join(tmpdir(), 'muster-empty-'));
    super(empty, (directory) => ({ RC_LIVE: join(directory, 'small/live') }));
    rmSync(empty, { recursive: true });
    writeSource(this.source, source);
    mkdirSync(this.small);
  }

  mount(options: string): boolean {
    return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', this.small]).status === 0;
  }

  /** Takes every inode. */
  fill(): void {
    mkdirSync(join(this.small, 'filler'));
    try {
      for (let i = 0; ; i++) writeFileSync(join(this.small, 'filler', String(i)), '');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  empty(): void {
    rmSync(join(this.small, 'filler'), { recursive: true });
  }

  /** The tree's pid. */
  get tree(): number {
    return this.processes().find(({ command }) => / svscan /.test(command))!.pid;
  }

  override dispose(): void {
    // While it is mounted nothing of it can be removed.
    if (this.processes().length > 0) this.run('rc-shutdown', '-t', '5s');
    for (const { pid } of this.processes()) process.kill(pid, 'SIGKILL');
    while (spawnSync('umount', ['-l', this.small], { stdio: 'ignore' }).status === 0);
    super.dispose();
  }
}

let machine: SmallMachine;
afterEach(() => machine.dispose());

const mountMissing = (() => {
  if (process.geteuid!() !== 0) return 'not root';
  const probe = new SmallMachine({});
  const works = probe.mount(`nr_inodes=${INODES}`);
  probe.dispose();
  return works ? null : 'nothing can be mounted here';
})();
if (mountMissing !== null) console.log(`tests without an inode are skipped: ${mountMissing}`);

describe.runIf(mountMissing === null)('without an inode', () => {
  test.each(['0', '200'])('a start that cannot be fails, and the tree lives (timeout-up %s)', (timeout) => {
    machine = new SmallMachine({
      job: { type: 'oneshot\n', up: 'true\n', 'timeout-up': `${timeout}\n` },
      web: { type: 'longrun\n', run: '#!/bin/sh\nexec sleep 1000000\n' },
    });
    machine.mount(`nr_inodes=${INODES},mode=755`);
    spawnSync('chmod', ['+x', join(machine.source, 'web/run')]);
    machine.must('rc-compile', machine.source, machine.compiled);
    machine.must('rc-init');
    const { tree } = machine;
    machine.fill();
    const oneshot = machine.run('rc-change', '-t', '20s', 'job');
    expect(oneshot).toMatchObject({ status: 1, stderr: expect.stringMatching(/unable to up: .*ENOSPC/) });
    expect(statusOf(machine).get('job')).toMatchObject({ state: 'failed' });
    expect(machine.run('rc-why', 'job').stdout).toMatch(/unable to up: .*ENOSPC/);
    const longrun = machine.run('rc-change', '-t', '20s', 'web');
    expect(longrun).toMatchObject({ status: 1, stderr: expect.stringMatching(/unable to start run: .*ENOSPC/) });
    machine.empty();
    machine.must('rc-change', 'job', 'web');
    expect(statusOf(machine).get('job')).toMatchObject({ state: 'up' });
    expect(statusOf(machine).get('web')).toMatchObject({ state: 'up' });
    expect(machine.tree).toBe(tree);
  });
});

describe('with few descriptors', () => {
  const begin = (up: string) => {
    const names = Array.from({ length: MANY }, (_, index) => `job${index}`);
    machine = new SmallMachine({
      ...Object.fromEntries(names.map((name) => [name, { type: 'oneshot\n', up }])),
      all: { type: 'bundle\n', contents: `${names.join('\n')}\n` },
    });
    machine.must('rc-compile', machine.source, machine.compiled);
    machine.must('sh', '-c', `ulimit -n ${DESCRIPTORS} && rc-init`);
    const { tree } = machine;
    const descriptors = () => readdirSync(`/proc/${tree}/fd`).map((name) => linkOf(`/proc/${tree}/fd/${name}`));
    return { fifos: () => descriptors().filter((path) => path.includes('/catch-all/pipes/')).length };
  };
  const states = () => new Set([...statusOf(machine).values()].map(({ state }) => state));

  test('more oneshots than there are: all of them end, and hold nothing', () => {
    const { fifos } = begin('echo done\n');
    machine.must('rc-change', 'all');
    expect(states()).toEqual(new Set(['up']));
    expect(fifos()).toBe(0);
  });

  test('more of them at once than there are: all of them run, and a stop ends them', async () => {
    const { fifos } = begin('sleep 1000000\n');
    expect(machine.run('rc-change', '-t', '2s', 'all').status).toBe(2);
    const sleeping = () => machine.processes().filter(({ command }) => command.startsWith('sleep ')).length;
    await eventually('all of them run', () => sleeping() === MANY);
    machine.must('rc-change', '-d', 'all');
    expect(sleeping()).toBe(0);
    expect(states()).toEqual(new Set(['down']));
    expect(fifos()).toBe(0);
  });

  test('what a script leaves can write as long as it lives', async () => {
    const { fifos } = begin('true\n');
    const left = `while ! [ -e ${machine.directory}/go ]; do sleep 0.05; done; echo from the one that is left`;
    writeSource(machine.source, { left: { type: 'oneshot\n', up: `sh -c "(${left}) & echo started"\n` } });
    machine.must('rc-compile', machine.source, machine.compiled);
    machine.must('rc-update');
    machine.must('rc-change', 'left');
    expect(fifos()).toBe(1);
    expect(machine.must('rc-log', 'left')).toMatch(/left running: pid \d+ \(sh -c/);
    writeFileSync(join(machine.directory, 'go'), '');
    await eventually('its line', () => machine.must('rc-log', 'left').includes('from the one that is left'));
  });
});

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
