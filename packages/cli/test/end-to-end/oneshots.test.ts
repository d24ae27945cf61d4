/** What a oneshot did is known, whoever died while it ran. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { statusOf } from './seen-by-commands.ts';
import { kindsHere, type Source, SupervisedMachine } from './supervisors.ts';

/** Counts its runs, waits until it may end, and exits with what it is told. */
function source(directory: string): Source {
  const script = (name: string) => `#!/bin/sh
echo $RC_NAME $RC_ACTION $RC_LIVE >> ${directory}/${name}.runs
while ! [ -e ${directory}/${name}.go ]; do sleep 0.02; done
exit $(cat ${directory}/${name}.go)
`;
  return {
    job: { type: 'oneshot\n', up: script('job'), down: 'true\n' },
    deaf: { type: 'oneshot\n', up: `#!/bin/sh\ntrap '' TERM\n${script('deaf').slice(10)}`, 'timeout-up': '300\n' },
    empty: { type: 'oneshot\n', up: '' },
    words: { type: 'oneshot\n', up: `sh -c "printf '%s\\n' \\"$@\\" > ${directory}/words" sh "a b" "\\\\" "\\0xe9"\n` },
  };
}

describe.each(kindsHere().filter((kind) => kind !== 'runit'))('oneshots on %s', (kind) => {
  let site: SupervisedMachine;
  beforeEach(async () => {
    site = new SupervisedMachine(kind, source);
    for (const name of ['job', 'deaf']) chmodSync(join(site.machine.source, name, 'up'), 0o755);
    await site.boot();
  });
  afterEach(() => site.dispose());

  const runsOf = (name: string) => site.read(`${name}.runs`).split('\n').length - 1;
  const letGo = (name: string, exit: number) => writeFileSync(join(site.machine.directory, `${name}.go`), `${exit}\n`);
  const stateOf = (name: string) => statusOf(site.machine).get(name)!;
  const begin = async (name: string) => {
    const command = spawn('rc-change', [name], { env: site.machine.environment, stdio: 'ignore' });
    const ended = new Promise<number | null>((resolve) => {
      command.on('close', resolve);
    });
    await eventually(`${name} runs`, () => runsOf(name) === 1);
    return { kill: () => command.kill('SIGKILL'), ended };
  };
  /** The tree, or under s6 the service that runs oneshots. */
  const runner = () => site.machine.processes().find(({ command }) => / (svscan|oneshots) /.test(command));

  test('the script sees its name, what it is to do, and where', async () => {
    letGo('job', 0);
    site.machine.must('rc-change', 'job');
    expect(site.read('job.runs')).toBe(`job up ${site.machine.live}\n`);
  });

  test('the command is killed: the script ends, and is not run again', async () => {
    const command = await begin('job');
    command.kill();
    await command.ended;
    letGo('job', 0);
    await eventually('job is up', () => stateOf('job').state === 'up');
    site.machine.must('rc-change', 'job');
    expect(runsOf('job')).toBe(1);
  });

  test('the command is killed, and the script fails: the next command runs it again', async () => {
    const command = await begin('job');
    command.kill();
    await command.ended;
    letGo('job', 3);
    await eventually('job has failed', () => stateOf('job').state === 'failed');
    letGo('job', 0);
    site.machine.must('rc-change', 'job');
    expect(runsOf('job')).toBe(2);
  });

  test('the runner is killed while the script runs: its result is learned all the same', async () => {
    const command = await begin('job');
    const before = runner()!.pid;
    process.kill(before, 'SIGKILL');
    await eventually('another runner', () => (runner()?.pid ?? before) !== before);
    letGo('job', 0);
    expect(await command.ended).toBe(0);
    expect(runsOf('job')).toBe(1);
    expect(stateOf('job')).toMatchObject({ state: 'up' });
  });

  test('command and runner are killed, the script ends alone: the next command knows how', async () => {
    const command = await begin('job');
    command.kill();
    await command.ended;
    process.kill(runner()!.pid, 'SIGKILL');
    letGo('job', 0);
    await eventually(
      'the script has ended',
      () => !site.machine.processes().some(({ command }) => command.includes('job/up')),
    );
    site.machine.must('rc-change', 'job');
    expect(runsOf('job')).toBe(1);
    expect(stateOf('job').state).toBe('up');
  });

  test('a script that does not end within its timeout is killed, deaf or not, before the command says that it failed', () => {
    expect(site.machine.run('rc-change', 'deaf').status).toBe(1);
    expect(stateOf('deaf').state).toBe('failed');
    expect(site.machine.processes().some(({ command }) => command.includes('deaf/up'))).toBe(false);
  });

  test('no words succeed, and words arrive byte for byte', () => {
    site.machine.must('rc-change', 'empty', 'words');
    const words = readFileSync(join(site.machine.directory, 'words'));
    expect(words.toString('latin1')).toBe('a b\n\\\n\xe9\n');
    expect(existsSync(join(site.machine.live, 'services/words/status'))).toBe(true);
  });
});
