/** What a daemon has from its parent is the same whoever has started the tree again: the keeper, or somebody from another shell. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { BOUNDED } from '@muster/posix/test/bounded';
import { eventually } from '@muster/posix/test/eventually';
import { PidsCgroup, pidsCgroupMissing } from '@muster/posix/test/pids-cgroup';
import { hasEnded, haveExecuted } from '@muster/posix/test/processes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Machine } from './machine.ts';
import { statusOf } from './seen-by-commands.ts';

const TOOLS = ['choom', 'taskset', 'setpriv', 'prlimit', 'chrt', 'ionice', 'nice'];
const TOLD = 'the supervision tree was started again, and could not be given all that the first one had:';

const missing = TOOLS.filter((tool) => Bun.which(tool) === null);
const isPossible = process.getuid!() === 0 && missing.length === 0 && pidsCgroupMissing === null;
if (!isPossible)
  console.warn(`the same tree again: skipped, it needs root, a group for processes, and ${TOOLS.join(', ')}`);

describe.skipIf(!isPossible)('a daemon of a tree that was started again', () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine(join(import.meta.dirname, 'sources/pair'), () => ({}));
    machine.must('rc-compile', machine.source, machine.compiled);
  });
  let group: PidsCgroup;
  beforeEach(() => {
    group = new PidsCgroup();
  });
  afterEach(async () => {
    machine.dispose();
    await group.remove();
  });

  const pidOf = (words: string) => machine.processes().find(({ command }) => command.includes(words))?.pid;
  const tree = () => pidOf(' svscan --live ');
  const keeper = () => pidOf('/live/keep');

  async function kill(pid: number): Promise<void> {
    process.kill(pid, 'SIGKILL');
    await eventually(`${pid} has ended`, () => hasEnded(pid));
  }

  /** Nobody is left who would start it again. */
  async function killTree(): Promise<void> {
    const [ofTree, ofKeeper] = [tree()!, keeper()];
    // A stopped tree starts no other keeper.
    process.kill(ofTree, 'SIGSTOP');
    if (ofKeeper !== undefined) await kill(ofKeeper);
    await kill(ofTree);
  }

  const spawned = ([program, ...words]: readonly string[], environment: Record<string, string>) =>
    spawnSync(program!, words, { ...BOUNDED, env: environment, encoding: 'utf8' });
  const shell = (script: string) => spawned(['sh', '-c', script], machine.environment);

  /** Of `base`, once it is what it will be. */
  async function daemon(): Promise<Record<string, unknown>> {
    const pid = statusOf(machine).get('base')!.pid!;
    await haveExecuted([pid], 'sleep');
    return factsOf(pid);
  }

  /** Everything that can be otherwise, is. */
  function elsewhere(command: string): SpawnSyncReturns<string> {
    const { PATH, RC_LIVE, RC_COMPILED } = machine.environment;
    const others = { PATH: PATH!, RC_LIVE: RC_LIVE!, RC_COMPILED: RC_COMPILED!, OF_ANOTHER: 'shell' };
    return spawned(
      [
        ...group.entering,
        'sh',
        '-c',
        `cd /tmp; umask 077; ulimit -S -n 100; ulimit -S -c 0; trap '' HUP USR2;
      exec choom -n 500 -- nice -n 5 taskset 1 ionice -c 3 chrt -b 0 setpriv --groups 7,8 --rgid 7 \
        --inh-caps +net_raw prlimit --stack=4194304: --nproc=5000: ${command}`,
      ],
      others,
    );
  }

  test('by its keeper, and by a command out of another shell when that one was killed too', async () => {
    shell('ulimit -S -n 2000; trap "" USR1; exec nice -n 2 setpriv --groups 5 rc-init');
    machine.must('rc-change', 'base');
    const first = await daemon();
    const was = tree()!;
    await kill(was);
    await eventually('the keeper has it back', () => ![undefined, was].includes(tree()));
    machine.must('rc-change', '--restart', 'base');
    expect(await daemon()).toEqual(first);

    await killTree();
    const woken = elsewhere('rc-change --restart base');
    expect({ status: woken.status, told: woken.stderr.includes(TOLD) }).toEqual({ status: 0, told: false });
    expect(await daemon()).toEqual(first);
    expect(factsOf(tree()!)).toMatchObject({ oom: first.oom, nice: first.nice, cgroup: first.cgroup });
    expect(factsOf(keeper()!)).toMatchObject({ oom: first.oom, nice: first.nice, cgroup: first.cgroup });

    const second = tree()!;
    await kill(second);
    await eventually('the new keeper has it back', () => ![undefined, second].includes(tree()));
    machine.must('rc-change', '--restart', 'base');
    expect(await daemon()).toEqual(first);
  });

  test('without a keeper, by rc-init out of another shell', async () => {
    machine.must('rc-init', '--no-keeper');
    machine.must('rc-change', 'base');
    const first = await daemon();
    await killTree();
    expect(elsewhere('rc-init --no-keeper')).toMatchObject({ status: 0, stderr: '' });
    machine.must('rc-change', '--restart', 'base');
    expect(await daemon()).toEqual(first);
  });

  test('what cannot be had back is said, in the log and to who asks, until a tree has it', async () => {
    machine.must('rc-init');
    machine.must('rc-change', 'base');
    const first = await daemon();
    await killTree();
    const { status, stderr } = shell(
      'exec nice -n 3 setpriv --no-new-privs --bounding-set=-net_raw,-sys_nice rc-change --restart base',
    );
    const said = [
      'nice value: 3 instead of 0 (setpriority: EACCES)',
      'capability bounding set: without cap_net_raw, cap_sys_nice',
      'permitted capabilities: without cap_net_raw, cap_sys_nice',
      'effective capabilities: without cap_net_raw, cap_sys_nice',
      'no new privileges: 1 instead of 0 (once said, it holds for ever)',
    ];
    const toldThen = stderr.split(/\n */).slice(0, 1 + said.length);
    expect({ status, toldThen }).toEqual({ status: 0, toldThen: [TOLD, ...said] });
    expect(machine.run('rc-status').stderr.trim().split(/\n */)).toEqual([TOLD, ...said]);
    for (const line of said) expect(machine.must('rc-log')).toContain(`unlike the first tree: ${line}`);

    await killTree();
    machine.must('rc-change', '--restart', 'base');
    expect(machine.run('rc-status').stderr).toBe('');
    expect(await daemon()).toEqual(first);
  });
});

const STATUS = /^(Umask|Gid|Groups|SigBlk|SigIgn|Cap\w+|NoNewPrivs|Seccomp|Cpus_allowed|THP_enabled):.*$/gm;

function factsOf(pid: number): Record<string, unknown> {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  const stat = read('stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return {
    status: read('status').match(STATUS),
    limits: read('limits').split('\n'),
    environment: read('environ').split('\0').sort(),
    cgroup: read('cgroup').split('\n'),
    directory: readlinkSync(`/proc/${pid}/cwd`),
    oom: read('oom_score_adj'),
    nice: stat[16],
    policy: stat[38],
    io: spawnSync('ionice', ['-p', String(pid)], { encoding: 'utf8' }).stdout,
    slack: read('timerslack_ns'),
    dump: read('coredump_filter'),
  };
}
