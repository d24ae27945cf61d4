/** One set of scenarios, which must look the same whatever supervises the services. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { everythingIn } from '@muster/tree/test/logger/read-log';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventsOfChange, startsIn, statusOf } from './seen-by-commands.ts';
import { kindsHere, type Source, SupervisedMachine, writeSource } from './supervisors.ts';

const PAUSE = '#!/bin/sh\nexec sleep 1000\n';
/** Lines that the pipeline carries. */
const LINES = 2000;

function source(directory: string): Source {
  return {
    prepare: {
      type: 'oneshot\n',
      up: `sh -c "echo prepared >>${directory}/prepared"\n`,
      down: `rm ${directory}/prepared\n`,
    },
    store: {
      type: 'longrun\n',
      run: '#!/bin/sh\nsleep 0.2\necho >&3\nexec 3>&-\nexec sleep 1000\n',
      'notification-fd': '3\n',
      'dependencies.d/prepare': '',
    },
    web: {
      type: 'longrun\n',
      run: `#!/bin/sh\necho "$1 starts" >>${directory}/web-starts\nexec sleep 1000\n`,
      'ready-check': `#!/bin/sh\n[ -e ${directory}/open ]\n`,
      'ready-check-interval': '20\n',
      'dependencies.d/store': '',
    },
    worker: { type: 'longrun\n', run: PAUSE, 'ready-after': '100\n', 'dependencies.d/store': '' },
    once: {
      type: 'longrun\n',
      run: `#!/bin/sh\n[ -e ${directory}/stay ] && exec sleep 1000\nuntil [ -e ${directory}/die ]; do sleep 0.02; done\nexit 3\n`,
      restart: 'never\n',
    },
    lone: { type: 'longrun\n', run: PAUSE },
    teller: {
      type: 'longrun\n',
      // Told when it may go on, so that the test can kill it in the midst of its lines.
      run: `#!/bin/sh
n=$(tail -n 1 ${directory}/told 2>/dev/null)
n=\${n:-0}
while [ $n -lt ${LINES} ]; do
  [ $n -lt "$(cat ${directory}/allowed)" ] || { sleep 0.01; continue; }
  n=$((n + 1)); echo "line $n"; echo $n >>${directory}/told
  while [ $((n % 100)) != 0 ]; do n=$((n + 1)); echo "line $n"; echo $n >>${directory}/told; done
done
exec sleep 1000
`,
      log: `dir ${directory}/log\nsize 10000\nkeep 100\ntimestamp none\n`,
    },
    default: {
      type: 'bundle\n',
      'contents.d/web': '',
      'contents.d/worker': '',
      'contents.d/lone': '',
      'contents.d/teller': '',
    },
  };
}

describe.each(kindsHere())('on %s', (kind) => {
  let supervised: SupervisedMachine;
  /** At once: a script that reads while a file is overwritten sees some of each. */
  const allow = (file: string, text = '') => {
    const path = join(supervised.machine.directory, file);
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  /** Only where it is never ready: a limit that others must keep would be too short on some machine. */
  const limitWeb = () => {
    const { machine } = supervised;
    writeSource(machine.source, { web: { 'timeout-up': '1500\n' } });
    machine.must('rc-compile', machine.source, machine.compiled);
    machine.must('rc-update');
  };
  const status = (name: string) => statusOf(supervised.machine).get(name)!;

  beforeEach(async () => {
    supervised = new SupervisedMachine(kind, source);
    allow('open');
    allow('allowed', '0\n');
    await supervised.boot();
  });
  afterEach(() => supervised.dispose());

  test('boot: in order, ready when everything is, and nothing is left after the shutdown', async () => {
    const { machine } = supervised;
    expect([...statusOf(machine).values()].map(({ state }) => state)).toEqual(Array(8).fill('down'));
    const starts = startsIn(eventsOfChange(machine, 'default'));
    expect(starts.get('store')!.began).toBeGreaterThanOrEqual(starts.get('prepare')!.done);
    expect(starts.get('web')!.began).toBeGreaterThanOrEqual(starts.get('store')!.done);
    expect(starts.get('worker')!.began).toBeGreaterThanOrEqual(starts.get('store')!.done);
    expect(starts.get('store')!.done - starts.get('store')!.began).toBeGreaterThanOrEqual(200);
    expect(starts.get('worker')!.done - starts.get('worker')!.began).toBeGreaterThanOrEqual(100);
    expect(status('web')).toMatchObject({ state: 'ready', wanted: 'explicit' });
    expect(supervised.read('web-starts')).toBe('web starts\n');
    expect(eventsOfChange(machine, 'default')).toEqual([]);

    machine.must('rc-shutdown');
    expect(existsSync(machine.live)).toBe(false);
    expect(existsSync(join(machine.directory, 'prepared'))).toBe(false);
    expect(readdirSync(supervised.scandir).filter((name) => !name.startsWith('.'))).toEqual([]);
    const others = () => machine.processes().filter(({ command }) => !/s6-svscan|runsvdir/.test(command));
    await eventually('the end of every process', () => others().length === 0);
  });

  test('a start that is never ready fails at its timeout, and what does not need it comes up', () => {
    rmSync(join(supervised.machine.directory, 'open'));
    limitWeb();
    const answer = supervised.machine.run('rc-change', 'default');
    expect([answer.status, answer.stderr]).toEqual([1, expect.stringContaining('failed   web')]);
    expect(status('worker').state).toBe('ready');
    expect(status('web')).toMatchObject({ state: 'failed', pid: null });
  });

  test('a check that hangs ends with its service', async () => {
    const { machine } = supervised;
    limitWeb();
    writeFileSync(join(machine.live, 'services/web/ready-check'), '#!/bin/sh\n: $1 >hangs\nsleep 77 & wait\n');
    expect(machine.run('rc-change', 'web').status).toBe(1);
    const isHanging = () => machine.processes().some(({ command }) => /ready-check|sleep 77/.test(command));
    expect(existsSync(join(machine.live, 'services/web/hangs'))).toBe(true);
    await eventually('its end', () => !isHanging());
  });

  test('a crash: the daemon is back, with its death on record', async () => {
    supervised.machine.must('rc-change', 'default');
    const { pid } = status('web');
    process.kill(pid!, 'SIGKILL');
    // One look: between two it may die, and be ready in the first, and without a pid in the second.
    await eventually('another web that is ready', () => {
      const now = status('web');
      return now.state === 'ready' && now.pid !== pid;
    });
    expect(status('web')).toMatchObject({ restarts: 1 });
    expect(statusOf(supervised.machine).get('web')).toMatchObject({ lastExit: { signal: 9 } });
    supervised.machine.must('rc-status', '--check');
  });

  test('a restart policy that gives up: every command sees that it failed, and how, until it is started again', async () => {
    const { machine } = supervised;
    machine.must('rc-change', 'once');
    allow('die');
    await eventually('its end', () => status('once').state === 'failed');
    expect(status('once')).toMatchObject({ pid: null, lastExit: { code: 3 } });
    expect(statusOf(machine).get('once')).not.toMatchObject({ reason: expect.stringContaining('by hand') });
    allow('stay');
    machine.must('rc-change', 'once');
    expect(status('once').state).toBe('up');
  });

  test('a restart takes what depends on it along, and nothing else', () => {
    const { machine } = supervised;
    machine.must('rc-change', 'default');
    const before = statusOf(machine);
    machine.must('rc-change', '--restart', 'store');
    const after = statusOf(machine);
    const isAnother = (name: string) => before.get(name)!.pid !== after.get(name)!.pid;
    expect(['store', 'web', 'worker', 'lone', 'teller'].filter(isAnother)).toEqual(['store', 'web', 'worker']);
    expect(after.get('web')!.state).toBe('ready');
    expect(supervised.read('prepared')).toBe('prepared\n');
  });

  test('a pipe outlives both of its ends: every line arrives, in order', async () => {
    const { machine } = supervised;
    machine.must('rc-change', 'teller');
    for (let allowed = 500; allowed <= LINES; allowed += 500) {
      allow('allowed', `${allowed}\n`);
      await eventually(
        'some of the lines',
        () => Number(supervised.read('told').trim().split('\n').at(-1)) > allowed - 300,
      );
      // Both at once: what is between them by then is in the pipe only.
      const killed = ['teller', 'teller-log'].map((name) => [name, status(name).pid!] as const);
      for (const [name, pid] of killed) process.kill(pid, name === 'teller' ? 'SIGKILL' : 'SIGTERM');
      await eventually('both again', () =>
        killed.every(([name, pid]) => {
          const now = status(name);
          return ['unstable', 'up'].includes(now.state) && now.pid !== pid;
        }),
      );
    }
    const logged = () => everythingIn(join(machine.directory, 'log'));
    await eventually('the last line', () => logged().includes(`line ${LINES}\n`));
    // Killed between a line and its own record of it, the teller says that line again.
    const lines = [...new Set(logged().trim().split('\n'))];
    expect(lines).toEqual(Array.from({ length: LINES }, (_, i) => `line ${i + 1}`));
    // Killed while it paused, the teller leaves a sleep behind, of which the tree's own log tells.
    const shown = machine.must('rc-log', 'teller').trim().split('\n');
    expect(shown.filter((line) => !line.includes('left running')).at(-1)).toBe(`teller  line ${LINES}`);
  });

  test('an update restarts what changed, starts what is new, ends what is gone, keeps the rest', () => {
    const { machine } = supervised;
    machine.must('rc-change', 'default');
    const before = statusOf(machine);
    writeSource(machine.source, {
      worker: { run: '#!/bin/sh\nexec sleep 2000\n' },
      fresh: { type: 'longrun\n', run: PAUSE, 'dependencies.d/lone': '' },
      web: { 'dependencies.d/fresh': '' },
    });
    rmSync(join(machine.source, 'default/contents.d/teller'));
    rmSync(join(machine.source, 'teller'), { recursive: true });
    machine.must('rc-compile', machine.source, machine.compiled);
    machine.must('rc-update');
    const after = statusOf(machine);
    expect([...after.keys()]).toEqual(['fresh', 'lone', 'once', 'prepare', 'store', 'web', 'worker']);
    expect([...after.values()].map(({ state }) => state)).toEqual([
      'up',
      'up',
      'down',
      'up',
      'ready',
      'ready',
      'ready',
    ]);
    for (const name of ['lone', 'store']) expect(after.get(name)!.pid).toBe(before.get(name)!.pid);
    for (const name of ['web', 'worker']) expect(after.get(name)!.pid).not.toBe(before.get(name)!.pid);
    expect(machine.processes().filter(({ pid }) => pid === before.get('teller')!.pid)).toEqual([]);
  });

  test('everything is killed: the truth is told, and the next commands bring all of it back', async () => {
    const { machine } = supervised;
    machine.must('rc-change', 'default');
    await supervised.killEverything();
    expect(machine.run('rc-status', '--check').status).toBe(1);
    if (kind !== 'embedded') {
      expect(status('lone').state).toBe('failed');
      const { status: exit, stderr } = machine.run('rc-change', 'lone');
      expect([exit, stderr]).toEqual([1, expect.stringContaining('no supervisor answers')]);
    }
    supervised.startTree();
    await supervised.init();
    machine.must('rc-change', 'default');
    const names = ['lone', 'store', 'teller', 'web', 'worker'];
    expect(names.map((name) => [name, status(name).state])).toEqual([
      ['lone', 'up'],
      ['store', 'ready'],
      ['teller', 'up'],
      ['web', 'ready'],
      ['worker', 'ready'],
    ]);
    expect(spawnSync('kill', ['-0', String(status('web').pid)]).status).toBe(0);
  });
});
