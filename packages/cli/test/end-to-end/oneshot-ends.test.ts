/** The whole of a oneshot: its words are for the kernel, not for a shell; signals and stops reach all of it. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { statusOf } from './seen-by-commands.ts';
import { kindsHere, type Source, SupervisedMachine } from './supervisors.ts';

const BUILTINS = [
  'cd / true',
  'umask 077 true',
  'export A=1',
  'wait',
  'exec true',
  'exit 0',
  'eval true',
  ': x',
  '. /dev/null',
];

/** With children that a signal to one process does not reach: one in the background, and one that ignores TERM. */
const HANGS = `#!/bin/sh
sleep 1000001 &
sh -c 'trap "" TERM; echo deaf; while :; do sleep 0.1; done' &
echo hangs
sleep 1000002
`;

function source(directory: string): Source {
  const builtins = BUILTINS.map((words, at) => [`builtin${at}`, { type: 'oneshot\n', up: `${words}\n` }] as const);
  return {
    ...Object.fromEntries(builtins),
    umask: { type: 'oneshot\n', up: 'umask 077 true\n' },
    hangs: { type: 'oneshot\n', up: HANGS, down: 'true\n' },
    talks: {
      type: 'oneshot\n',
      up: `#!/bin/sh\ntrap 'echo heard; exit 7' USR1\n: >${directory}/listens\nwhile :; do sleep 0.02; done\n`,
    },
    litters: { type: 'oneshot\n', up: 'sh -c "sleep 1000003 &"\n' },
    parent: { type: 'longrun\n', run: '#!/bin/sh\nsleep 1000004 &\nsleep 1000005\n' },
  };
}

describe.each(kindsHere().filter((kind) => kind !== 'runit'))('on %s', (kind) => {
  let site: SupervisedMachine;
  beforeEach(async () => {
    site = new SupervisedMachine(kind, source);
    for (const script of ['hangs/up', 'talks/up', 'parent/run']) chmodSync(join(site.machine.source, script), 0o755);
    await site.boot();
  });
  afterEach(() => site.dispose());

  const running = (words: string) => site.machine.processes().filter(({ command }) => command.includes(words));
  const stateOf = (name: string) => statusOf(site.machine).get(name)!;
  const begin = async () => {
    const command = spawn('rc-change', ['hangs'], { env: site.machine.environment, stdio: 'ignore' });
    const ended = new Promise<number | null>((resolve) => {
      command.on('close', resolve);
    });
    await eventually('it hangs', () => running('sleep 100000').length === 2 && running('trap "" TERM').length > 0);
    return { kill: () => command.kill('SIGKILL'), ended };
  };
  const allGone = () => running('sleep 100000').length === 0 && running('trap "" TERM').length === 0;

  test('what is a builtin of the shell is looked for in PATH, like any other program', () => {
    const { machine } = site;
    for (const [at, words] of BUILTINS.entries()) {
      const isProgram = ['/bin', '/usr/bin', '/sbin', '/usr/sbin'].some((place) =>
        existsSync(join(place, words.split(' ')[0]!)),
      );
      const answer = machine.run('rc-change', `builtin${at}`);
      if (isProgram) continue;
      expect([words, answer.status]).toEqual([words, 1]);
      expect(answer.stderr).toContain('it exited with 127');
      if (kind === 'embedded') expect(answer.stderr).toMatch(/not found|denied/);
    }
  });

  test('a stop ends one that hangs, with all that it has started', async () => {
    const command = await begin();
    command.kill();
    await command.ended;
    site.machine.must('rc-change', '-d', 'hangs');
    expect(stateOf('hangs').state).toBe('down');
    expect(allGone()).toBe(true);
  });

  test('a stop does not wait for the command that waits for it', async () => {
    const command = await begin();
    site.machine.must('rc-change', '-d', 'hangs');
    expect(await command.ended).not.toBe(0);
    expect(allGone()).toBe(true);
  });

  test('rc-shutdown ends one that hangs', async () => {
    const command = await begin();
    command.kill();
    await command.ended;
    site.machine.must('rc-shutdown');
    expect(allGone()).toBe(true);
  });

  test('KILL reaches the script, and how it ended is known', async () => {
    const command = await begin();
    site.machine.must('rc-signal', '-s', 'KILL', 'hangs');
    expect(await command.ended).toBe(1);
    expect(stateOf('hangs')).toMatchObject({ state: 'failed', reason: expect.stringContaining('signal 9') });
    expect(running('sleep 1000002')).toEqual([]);
  });

  test('any signal reaches the script, and what it does then is known', async () => {
    const change = spawn('rc-change', ['talks'], { env: site.machine.environment, stdio: 'ignore' });
    const ended = new Promise((resolve) => {
      change.on('close', resolve);
    });
    await eventually('it listens', () => existsSync(join(site.machine.directory, 'listens')));
    await eventually('its runner says so', () => stateOf('talks').pid !== null);
    site.machine.must('rc-signal', '-s', 'USR1', 'talks');
    expect(await ended).toBe(1);
    expect(stateOf('talks').reason).toContain('exited with 7');
  });

  test('what a service leaves when it is stopped is named', async () => {
    site.machine.must('rc-change', 'parent', 'litters');
    await eventually('its children', () => running('sleep 1000004').length + running('sleep 1000003').length === 2);
    const [child, litter] = [running('sleep 1000004')[0]!.pid, running('sleep 1000003')[0]!.pid];
    const answer = site.machine.run('rc-change', '-d', 'parent', 'litters');
    expect(answer.status).toBe(0);
    expect(answer.stderr).toContain(`left running: parent: pid ${child} (sleep 1000004)\n`);
    expect(answer.stderr).toContain(`left running: litters: pid ${litter} (sleep 1000003)\n`);
    expect(site.machine.must('rc-events', '--since', '0', '--once', '--json')).toContain('"left-running"');
    if (kind === 'embedded') {
      expect(site.machine.must('rc-log', 'parent')).toContain(`left running: pid ${child} (sleep 1000004)`);
      expect(site.machine.must('rc-log', 'litters')).toContain(`left running: pid ${litter} (sleep 1000003)`);
      expect(site.machine.must('rc-why', 'parent')).toContain(`left running: pid ${child} (sleep 1000004)`);
    }
    site.machine.must('rc-change', 'parent');
    await eventually('another child', () => running('sleep 1000004').length === 2);
    expect(site.machine.run('rc-shutdown').stderr).toMatch(/left running: parent: pid \d+ \(sleep 1000004\)/);
    expect(running('sleep 1000004')).toHaveLength(2);
  });
});

test('a program of the name of a builtin is executed', async () => {
  const site = new SupervisedMachine('embedded', source);
  const programs = join(site.machine.directory, 'programs');
  mkdirSync(programs);
  writeFileSync(join(programs, 'umask'), `#!/bin/sh\necho "$@" > ${site.machine.directory}/umasked\n`, { mode: 0o755 });
  site.machine.environment.PATH = `${programs}:${site.machine.environment.PATH}`;
  for (const script of ['hangs/up', 'talks/up', 'parent/run']) chmodSync(join(site.machine.source, script), 0o755);
  try {
    await site.boot();
    site.machine.must('rc-change', 'umask');
    expect(readFileSync(join(site.machine.directory, 'umasked'), 'utf8')).toBe('077 true\n');
  } finally {
    await site.dispose();
  }
});
