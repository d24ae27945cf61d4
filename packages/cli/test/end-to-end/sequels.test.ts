/** What follows an end that is final: `on-failed` and `on-done`. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { statusOf } from './seen-by-commands.ts';
import { kindsHere, type Source, SupervisedMachine } from './supervisors.ts';

function source(directory: string): Source {
  const once = (run: string, files: Readonly<Record<string, string>>) => ({
    type: 'longrun\n',
    run: `#!/bin/sh\n${run}\n`,
    restart: 'never\n',
    ...files,
  });
  const idle = { type: 'longrun\n', run: '#!/bin/sh\nexec sleep 1000\n' };
  return {
    broken: once('exit 3', { 'on-failed': 'start rescue\n', 'on-done': 'start other\n' }),
    job: once('exit 0', { 'on-failed': 'start other\n', 'on-done': 'start report\n' }),
    last: once(`while [ ! -e ${directory}/go ]; do sleep 0.02; done\nexit 3`, { 'on-failed': 'exit\n' }),
    rescue: idle,
    report: idle,
    other: idle,
  };
}

describe.each(kindsHere())('on %s', (kind) => {
  let supervised: SupervisedMachine;
  const stateOf = (name: string) => statusOf(supervised.machine).get(name)!.state;

  beforeEach(async () => {
    supervised = new SupervisedMachine(kind, source);
    await supervised.boot();
  });
  afterEach(() => supervised.dispose());

  test('something else is started, by how it ended', async () => {
    const { machine } = supervised;
    machine.run('rc-change', 'broken', 'job');
    await eventually('what follows', () => stateOf('rescue') === 'up' && stateOf('report') === 'up');
    // runsv says that it is down a moment after `finish` has started what follows.
    await eventually('its end', () => stateOf('broken') === 'failed');
    expect([stateOf('broken'), stateOf('job'), stateOf('other')]).toEqual(['failed', 'done', 'down']);
  });

  test('or all that was booted is ended, in order', async () => {
    const { machine } = supervised;
    machine.must('rc-change', 'other', 'last');
    writeFileSync(join(machine.directory, 'go'), '');
    await eventually('the end of everything', () => !existsSync(machine.live));
  });
});
