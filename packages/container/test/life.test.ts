/** What a container's process 1 does from its first step on, beside what matrix.test.ts holds. */
import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, describe, expect, test } from 'vitest';
import { ContainerRig, canContain, type Source, type StartOptions } from './rig.ts';

const bundle = (...names: string[]) => ({
  type: 'bundle\n',
  ...Object.fromEntries(names.map((name) => [`contents.d/${name}`, ''])),
});
const longrun = (run: string, more = {}) => ({ type: 'longrun\n', run: `#!/bin/sh\n${run}\n`, ...more });
const SLEEP = 'exec sleep 1000';
const NOTHING: Source = {};

describe.runIf(canContain)('a container', () => {
  let rig: ContainerRig;
  afterEach(() => rig.dispose());

  const start = (source: Source, options: StartOptions = {}) => {
    rig = new ContainerRig(source);
    return rig.start(options);
  };

  test('passes HUP, USR1, USR2 and WINCH on to its command', async () => {
    const traps = ['HUP', 'USR1', 'USR2', 'WINCH'].map((name) => `trap 'echo got ${name}' ${name}`).join('; ');
    const container = start(NOTHING, { command: ['sh', '-c', `${traps}; echo begun; while :; do sleep 0.05; done`] });
    await eventually('its beginning', () => container.stdout.includes('begun'));
    for (const name of ['HUP', 'USR1', 'USR2', 'WINCH']) {
      await container.signal(`SIG${name}` as NodeJS.Signals);
      await eventually(name, () => container.stdout.includes(`got ${name}`));
    }
    // SIGRTMIN+3, by which systemd's programs and images made for it are stopped.
    await container.signal(37);
    expect(await container.status()).toBe(143);
  });

  test.each(['SIGINT', 'SIGQUIT'] as const)('is stopped by %s', async (signal) => {
    const container = start({ default: bundle('web'), web: longrun(SLEEP) });
    await eventually('the end of the boot', () => existsSync(join(rig.live, 'healthy')));
    await container.signal(signal);
    expect(await container.status()).toBe(0);
  });

  test('gives its command standard input, environment and working directory; a service has nothing to read', async () => {
    const container = start(
      { default: bundle('web'), web: longrun(`echo service reads $(cat | wc -c), has $WORD; ${SLEEP}`) },
      {
        command: ['sh', '-c', 'echo command in $PWD has $WORD, reads $(cat); exit 3'],
        environment: { WORD: 'word' },
        before: 'cd /usr',
      },
    );
    await eventually('what the service says', () => container.stdout.includes('service reads 0, has word'));
    container.input.end('all of it');
    expect(await container.status()).toBe(3);
    expect(container.stdout).toContain('command in /usr has word, reads all of it');
  });

  test.each([
    { command: ['no-such-program'], status: 127 },
    { command: ['/etc/passwd'], status: 126 },
  ])('whose command $command cannot be executed exits with $status, in order', async ({ command, status }) => {
    const container = start(
      { default: bundle('once'), once: { type: 'oneshot\n', up: 'true\n', down: 'touch $D/down\n' } },
      { command },
    );
    expect(await container.status()).toBe(status);
    expect(existsSync(join(rig.directory, 'down'))).toBe(true);
    expect(container.stderr).toContain(command[0]);
  });

  test('is ended from inside, with the exit status that is asked for', async () => {
    const container = start({ default: bundle('web'), web: longrun(SLEEP) }, { command: ['sleep', '1000'] });
    await eventually('the end of the boot', () => existsSync(join(rig.live, 'healthy')));
    expect(rig.run('rc-shutdown', '--exit-code', '12').stderr).toBe('');
    expect(await container.status()).toBe(12);
  });

  test('waits half as long after another signal', async () => {
    const container = start(NOTHING, {
      options: ['--grace', '20m'],
      command: ['sh', '-c', 'trap "" TERM; echo begun; while :; do sleep 0.05; done'],
    });
    await eventually('its beginning', () => container.stdout.includes('begun'));
    await container.signal('SIGTERM');
    // Of twenty minutes nothing is left after so many halves.
    await eventually('its end', async () => {
      await container.signal('SIGTERM');
      return container.hasEnded;
    });
    expect(await container.status()).toBe(137);
    expect(container.stderr).toContain('muster: not stopped in time, killed: the command sh\n');
  });

  const FAILING: Source = {
    default: bundle('bad', 'good', 'after'),
    bad: { type: 'oneshot\n', up: 'sh -c "exit 21"\n' },
    after: { type: 'oneshot\n', up: 'touch $D/after\n', 'dependencies.d/bad': '' },
    good: longrun(SLEEP),
  };

  test('goes on when a service fails in the boot, says so, and starts the command', async () => {
    const container = start(FAILING, { command: ['sh', '-c', 'exit 4'] });
    expect(await container.status()).toBe(4);
    expect(container.stderr).toContain('muster: bad: start failed: it exited with 21\n');
    expect(container.stderr).toContain('muster: not started: after (bad failed)\n');
  });

  test('with --on-failure exit ends with the status of what failed in the boot, and starts no command', async () => {
    const container = start(FAILING, { options: ['--on-failure', 'exit'], command: ['sh', '-c', 'echo never'] });
    expect(await container.status()).toBe(21);
    expect(container.stdout).toBe('');
  });

  test('with --on-failure exit ends when a service is given up later', async () => {
    const dies = longrun('until [ -e $D/die ]; do sleep 0.05; done; kill -SEGV $$', { restart: 'never\n' });
    const container = start(
      { default: bundle('web', 'good'), web: dies, good: longrun(SLEEP) },
      { options: ['--on-failure', 'exit'] },
    );
    await eventually('the end of the boot', () => existsSync(join(rig.live, 'healthy')));
    rig.say('die', '');
    expect(await container.status()).toBe(139);
    expect(container.stderr).toContain(
      'muster: web has failed: it was killed by signal 11, and it is not started again\n',
    );
  });

  test('whose source has mistakes says all of them, and starts nothing', async () => {
    const container = start({
      default: bundle('web', 'nowhere'),
      web: longrun('touch $D/started', { 'dependencies.d/neither': '' }),
    });
    expect(await container.status()).toBe(1);
    expect(container.stderr).toContain('nothing defines nowhere');
    expect(container.stderr).toContain('nothing defines neither');
    expect(existsSync(join(rig.directory, 'started'))).toBe(false);
  });

  test.each([
    ['nobody', 'there is no service nobody'],
    ['bad', 'bad is a oneshot, which is up once it has ended'],
  ])('does not begin with --exit-with %s: %s', async (name, why) => {
    const container = start(FAILING, { options: ['--exit-with', name] });
    expect(await container.status()).toBe(100);
    expect(container.stderr).toContain(`muster: --exit-with: ${why}\n`);
  });

  test('takes what is compiled, unless a source is newer', async () => {
    rig = new ContainerRig({ default: bundle('say'), say: { type: 'oneshot\n', up: 'echo compiled\n' } });
    const compiled = join(rig.directory, 'compiled');
    expect(rig.run('rc-compile', rig.source, compiled).status).toBe(0);
    // Its content is newer, and its time is not: what is compiled counts.
    rig.write({ say: { type: 'oneshot\n', up: 'echo from the source\n' } });
    const [old, late] = [new Date(1e12), new Date(Date.now() + 60_000)];
    for (const path of [
      'say/up',
      'say/type',
      'say',
      'default',
      'default/type',
      'default/contents.d',
      'default/contents.d/say',
      '.',
    ])
      utimesSync(join(rig.source, path), old, old);
    const first = rig.start({ command: ['true'] });
    expect(await first.status()).toBe(0);
    expect(first.stdout).toBe('compiled\n');
    utimesSync(join(rig.source, 'say/up'), late, late);
    const second = rig.start({ command: ['true'] });
    expect(await second.status()).toBe(0);
    expect(second.stdout).toBe('from the source\n');
    expect(second.stderr).toContain('is not used: ');
  });

  test('without source and database is an init for its command', async () => {
    rig = new ContainerRig({});
    const container = rig.start({
      command: ['sh', '-c', '(sleep 0.1 & sleep 0.1 &); sleep 1; ps -eo stat= | grep -c Z; exit 6'],
    });
    expect(await container.status()).toBe(6);
    expect(container.stdout).toBe('0\n');
  });

  test('whose executable itself is called init', async () => {
    rig = new ContainerRig({
      default: bundle('web', 'once'),
      web: longrun(SLEEP),
      once: { type: 'oneshot\n', up: 'echo once\n' },
    });
    const container = rig.start({
      before: 'touch $D/init; mount --bind "$(readlink -f "$(command -v rc-container)")" $D/init',
      through: ['sh', '-c', 'exec $D/init sh -c "exit 5"'],
    });
    expect(await container.status()).toBe(5);
    expect(container.stderr).toBe('');
    expect(container.stdout).toBe('once\n');
  });

  test('started again in a PID namespace that others share: what a killed one has left is ended, oneshots are done again', async () => {
    rig = new ContainerRig({
      default: bundle('web', 'once'),
      web: longrun(`echo up >>$D/ups; ${SLEEP}`),
      once: { type: 'oneshot\n', up: 'sh -c "echo once >>$D/ups"\n' },
    });
    // A process 1 that is not ours, and outlives us.
    const script = 'rc-container & wait $!; echo $? >$D/first; rc-container; echo $? >$D/second';
    const container = rig.start({ through: ['sh', '-c', script] });
    await eventually('the first', () => existsSync(join(rig.live, 'healthy')));
    const ours = () => rig.processes().filter(({ command }) => command.startsWith('rc-container'));
    process.kill(ours()[0]!.pid, 'SIGKILL');
    await rig.holds('first', '137');
    await eventually(
      'the second',
      () => rig.read('ups').split('\n').length === 5 && existsSync(join(rig.live, 'healthy')),
    );
    expect(rig.processes().filter(({ command }) => command === 'sleep 1000')).toHaveLength(1);
    process.kill(ours()[0]!.pid, 'SIGTERM');
    await rig.holds('second', '0');
    await container.status();
  });

  test('hands on what the environment has, or only what is named, and reads secrets from files', async () => {
    const print = longrun(
      `env | grep -E '^(A|B|S|T|T_FILE|S_FILE)=' | sort | tr '\\n' ' ' >$D/seen; echo >>$D/seen; ${SLEEP}`,
    );
    const environment = { A: '1', B: '2', S_FILE: '/run/secrets/s', T_FILE: '/opt/t' };
    const before = `mount -t tmpfs none /run; mount -t tmpfs none /opt; mkdir /run/secrets; echo sss >/run/secrets/s; echo ttt >/opt/t`;
    rig = new ContainerRig({ default: bundle('web'), web: print });
    const seen = async (...options: string[]) => {
      const container = rig.start({ environment, before, options });
      await rig.holds('seen', ' \n');
      await container.signal('SIGTERM');
      await container.status();
      const text = rig.read('seen');
      rig.remove('seen');
      return text;
    };
    expect(await seen()).toBe('A=1 B=2 S=sss T_FILE=/opt/t \n');
    expect(await seen('--keep-env', 'B,T', '--secrets', 'T')).toBe('B=2 T=ttt \n');
  });

  test('has one process for itself, and none of it in any argument', async () => {
    rig = new ContainerRig({ default: bundle('web'), web: longrun(SLEEP) });
    writeFileSync(join(rig.directory, 'secret'), 'hunter2\n');
    const container = rig.start({
      environment: { S_FILE: join(rig.directory, 'secret') },
      options: ['--secrets', 'S'],
    });
    await eventually(
      'the end of the boot',
      () => existsSync(join(rig.live, 'healthy')) && !existsSync(join(rig.live, 'booting')),
    );
    await eventually(
      'two processes',
      () => rig.processes().filter(({ command }) => !command.startsWith('unshare')).length === 2,
    );
    expect(rig.processes().some(({ command }) => command.includes('hunter2'))).toBe(false);
    await container.signal('SIGTERM');
    expect(await container.status()).toBe(0);
  });
});
