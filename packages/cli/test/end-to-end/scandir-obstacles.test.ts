/** What is in the way of services in somebody else's scandir is said before anything is done, and nobody else's is touched. */
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '@muster/posix/process';
import { eventually } from '@muster/posix/test/eventually';
import { supervisorNamed } from '@muster/supervisors/supervisor-table';
import { afterEach, describe, expect, test } from 'vitest';
import { statusOf } from './seen-by-commands.ts';
import { kindsHere, type Source, SupervisedMachine, writeSource } from './supervisors.ts';

const STRANGER = 65534;
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('skipped: only root can become somebody else');

const PAUSE = { type: 'longrun\n', run: '#!/bin/sh\nexec sleep 1000\n' };
const TWO: Source = { store: PAUSE, web: PAUSE };

let supervised: SupervisedMachine;
afterEach(() => supervised.dispose());

const entries = () => readdirSync(supervised.scandir).filter((name) => !name.startsWith('.'));
const stateOf = (name: string) => statusOf(supervised.machine).get(name)?.state;
const compile = (source: Source) => {
  const { machine } = supervised;
  rmSync(machine.source, { recursive: true });
  writeSource(machine.source, source);
  machine.must('rc-compile', machine.source, machine.compiled);
};
const foreign = (name: string) => {
  const directory = join(supervised.machine.directory, `foreign-${name}`);
  mkdirSync(join(directory, 'log'), { recursive: true });
  symlinkSync(directory, join(supervised.scandir, name));
  return directory;
};

/** Of s6-svscan with these options. */
async function onS6(options: readonly string[], source: Source = TWO): Promise<void> {
  supervised = new SupervisedMachine('s6', () => source);
  const { machine, scandir } = supervised;
  machine.must('rc-compile', machine.source, machine.compiled);
  spawn('s6-svscan', [...options, scandir], { env: machine.environment, stdio: 'ignore', detached: true }).unref();
  await supervised.init();
}

describe.skipIf(!kindsHere().includes('s6'))('on s6', () => {
  test('an update to more services than s6-svscan watches is refused, and changes nothing', async () => {
    await onS6(['-c', '3']);
    const { machine } = supervised;
    machine.must('rc-change', 'web');
    compile({ ...TWO, third: PAUSE });
    for (const command of [['rc-update', '-n'], ['rc-update'], ['rc-reload']]) {
      const { status, stderr } = machine.run(command[0]!, ...command.slice(1));
      expect([status, stderr]).toEqual([
        1,
        `${command[0]}: s6-svscan watches at most 3 services in ${supervised.scandir}, and they would be 4
  hint: start it with a greater number: s6-svscan -c 4 (-C since s6 2.12)
`,
      ]);
    }
    expect([stateOf('web'), stateOf('third')]).toEqual(['up', undefined]);
    machine.must('rc-change', '-d', 'web');
  });

  test('an update replaces services where s6-svscan watches as many as it may', async () => {
    await onS6(['-c', '3']);
    const { machine } = supervised;
    machine.must('rc-change', 'web', 'store');
    compile({ third: PAUSE, fourth: PAUSE });
    machine.must('rc-update');
    machine.must('rc-change', 'third', 'fourth');
    expect(entries().sort()).toEqual(['fourth', 's6rc-oneshots', 'third']);
  });

  test("somebody else's logger counts, too", async () => {
    supervised = new SupervisedMachine('s6', () => TWO);
    const { machine, scandir } = supervised;
    foreign('theirs');
    machine.must('rc-compile', machine.source, machine.compiled);
    spawn('s6-svscan', ['-c', '4', scandir], { env: machine.environment, stdio: 'ignore', detached: true }).unref();
    const init = () => machine.run('rc-init', '-b', 's6', '--scandir', scandir);
    await eventually('s6-svscan', () => supervisorNamed('s6')!.isWatching(scandir));
    expect(init().stderr).toContain('at most 4 services');
    expect(init().stderr).toContain('they would be 5');
    expect(existsSync(machine.live)).toBe(false);
  });

  test.skipIf(!isRoot)('what another user runs under that name says nothing of how many there may be', async () => {
    supervised = new SupervisedMachine('s6', () => TWO);
    const { machine, scandir } = supervised;
    const words = ['-c', 'read -r never', '0', '-c', '1'];
    const look = { argv0: 's6-svscan', cwd: scandir, uid: STRANGER, gid: STRANGER };
    // First, so that it is found first.
    const stranger = spawn('/bin/sh', words, { ...look, stdio: ['pipe', 'ignore', 'ignore'] });
    try {
      await eventually('its exec', () => commandLine(stranger.pid!)?.[0] === 's6-svscan');
      await supervised.boot();
      machine.must('rc-change', 'web');
      expect(stranger.exitCode).toBe(null);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  test('a service of an update whose name is taken: that is said, and what is there stays', async () => {
    await onS6([]);
    const { machine, scandir } = supervised;
    const directory = foreign('third');
    compile({ ...TWO, third: PAUSE });
    const { status, stderr } = machine.run('rc-update');
    expect([status, stderr]).toEqual([
      1,
      `rc-update: ${scandir} has services of these names already, which are not ours: third
  hint: keep them apart with --prefix
`,
    ]);
    machine.must('rc-change', 'web');
    machine.must('rc-shutdown');
    expect(entries()).toEqual(['third']);
    expect(readlinkSync(join(scandir, 'third'))).toBe(directory);
  });

  test('a link that somebody put in the place of ours is left to them', async () => {
    await onS6([]);
    const { machine, scandir } = supervised;
    rmSync(join(scandir, 'web'));
    const directory = foreign('web');
    expect(machine.run('rc-init').stderr).toContain('not ours: web');
    compile({ store: PAUSE });
    machine.must('rc-update');
    expect(readlinkSync(join(scandir, 'web'))).toBe(directory);
  });

  test('what somebody has taken out of the scandir, to run on, runs on', async () => {
    await onS6([]);
    const { machine, scandir } = supervised;
    const directory = join(machine.directory, 'theirs');
    mkdirSync(directory);
    writeFileSync(join(directory, 'run'), PAUSE.run, { mode: 0o755 });
    symlinkSync(directory, join(scandir, 'theirs'));
    spawnSync('s6-svscanctl', ['-a', scandir]);
    const pid = () => spawnSync('s6-svstat', ['-o', 'pid', directory], { encoding: 'utf8' }).stdout.trim();
    const before = await eventually('theirs', () => Number(pid()) > 0 && pid());
    rmSync(join(scandir, 'theirs'));
    compile({ store: PAUSE });
    machine.must('rc-update');
    machine.must('rc-shutdown');
    expect(pid()).toBe(before);
  });

  test('a live directory that is called by another path leaves nothing in the scandir', async () => {
    await onS6([]);
    const { machine, scandir } = supervised;
    const alias = join(machine.directory, 'alias');
    symlinkSync('.', alias);
    machine.must('rc-shutdown', '-l', join(alias, 'live'));
    expect(entries()).toEqual([]);
    expect(existsSync(scandir)).toBe(true);
  });

  test('rc-init elsewhere than where the live directory is: that is said', async () => {
    await onS6([]);
    const { machine, scandir } = supervised;
    const other = join(machine.directory, 'other');
    mkdirSync(other);
    symlinkSync('scan', join(machine.directory, 'scan-link'));
    const init = (...options: string[]) => machine.run('rc-init', ...options);
    const message = `rc-init: ${machine.live} is under s6 in ${scandir}: rc-shutdown first, to have it elsewhere\n`;
    for (const options of [
      ['-b', 'embedded'],
      ['-b', 's6', '--scandir', other],
      ['-b', 's6', '--scandir', scandir, '--prefix', 'p-'],
    ]) {
      expect([options, init(...options).status, init(...options).stderr]).toEqual([options, 1, message]);
    }
    expect(init().status).toBe(0);
    expect(init('-b', 's6', '--scandir', join(machine.directory, 'scan-link')).status).toBe(0);
  });

  test.each(['x/y', '.x', 'x\ny'])('the prefix %j is refused', async (prefix) => {
    await onS6([]);
    const { machine, scandir } = supervised;
    expect(
      machine.run('rc-init', '-l', join(machine.directory, 'two'), '-b', 's6', '--scandir', scandir, '--prefix', prefix)
        .status,
    ).toBe(100);
  });
});

const knowsNamespaces = () => {
  const path = spawnSync('sh', ['-c', 'command -v s6-supervise'], { encoding: 'utf8' }).stdout.trim();
  return readFileSync(path).includes('flag-newpidns');
};
const isOldS6 = kindsHere().includes('s6') && !knowsNamespaces();
if (!isOldS6) console.log('not tried: what an old s6 does not know, as there is none');

// Nothing is skipped where there is no such s6: no machine could have both.
test.each(isOldS6 ? ['s6'] : [])(
  'what the %s that is there does not know yet is said, by name, and nothing is made',
  async () => {
    const asking = { ...PAUSE, 'timeout-kill': '1000\n', 'flag-timeout-killpg': '' };
    supervised = new SupervisedMachine('s6', () => ({ store: asking, web: { ...PAUSE, 'flag-newpidns': '' } }));
    const { machine, scandir } = supervised;
    machine.must('rc-compile', machine.source, machine.compiled);
    supervised.startTree();
    const { status, stderr } = machine.run('rc-init', '-b', 's6', '--scandir', scandir);
    expect([status, stderr]).toEqual([
      5,
      `rc-init: store: s6 cannot do what flag-timeout-killpg asks for
  hint: this s6 does not know it yet: take a newer one, or use -b embedded
rc-init: web: s6 cannot do what flag-newpidns asks for
  hint: this s6 does not know it yet: take a newer one, or use -b embedded
`,
    ]);
    expect(existsSync(machine.live)).toBe(false);
  },
);

describe.skipIf(!kindsHere().includes('runit'))('on runit', () => {
  test('an update to what runsvdir cannot do is refused, by name, and changes nothing', async () => {
    supervised = new SupervisedMachine('runit', () => TWO);
    await supervised.boot();
    compile({ ...TWO, web: { ...PAUSE, 'restart-delay': '10\n' } });
    const { status, stderr } = supervised.machine.run('rc-update');
    expect([status, stderr]).toEqual([
      5,
      expect.stringContaining('rc-update: web: runit cannot do what restart-delay asks for'),
    ]);
    expect(readFileSync(join(supervised.machine.live, 'services/web/run'), 'utf8')).not.toContain('delay');
    expect(supervised.machine.must('rc-diff', supervised.machine.live, supervised.machine.live)).toBe('');
  });

  test('no runsvdir watches the directory: that is said at once, and nothing is made', () => {
    supervised = new SupervisedMachine('runit', () => TWO);
    const { machine, scandir } = supervised;
    machine.must('rc-compile', machine.source, machine.compiled);
    const { status, stderr } = machine.run('rc-init', '-b', 'runit', '--scandir', scandir);
    expect([status, stderr]).toEqual([
      1,
      `rc-init: no runsvdir watches ${scandir}\n  hint: start one: runsvdir ${scandir}\n`,
    ]);
    expect([existsSync(machine.live), entries()]).toEqual([false, []]);
  });

  test('more services than any runsvdir watches: that is said, and nothing is made', async () => {
    const source = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`s${index}`, PAUSE]));
    supervised = new SupervisedMachine('runit', () => source);
    const { machine, scandir } = supervised;
    machine.must('rc-compile', machine.source, machine.compiled);
    supervised.startTree();
    const init = () => machine.run('rc-init', '-b', 'runit', '--scandir', scandir).stderr;
    await eventually('runsvdir', () => supervisorNamed('runit')!.isWatching(scandir));
    expect(init()).toContain('runsvdir watches at most 1000 services');
    expect(init()).toContain('they would be 1001');
    expect(existsSync(machine.live)).toBe(false);
  });
});
