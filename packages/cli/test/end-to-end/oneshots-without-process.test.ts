/** Oneshots while the kernel has no process to give: what has not begun has not failed, and begins when it can, once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { PidsCgroup, pidsCgroupMissing } from '@muster/posix/test/pids-cgroup';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Machine } from './machine.ts';
import { statusOf } from './seen-by-commands.ts';
import { writeSource } from './supervisors.ts';

if (pidsCgroupMissing !== null) console.log(`skipped: oneshots without processes: ${pidsCgroupMissing}`);

describe.skipIf(pidsCgroupMissing !== null)('a oneshot for which there is no process', () => {
  let cgroup: PidsCgroup;
  let machine: Machine;
  let ran: string;

  beforeEach(() => {
    cgroup = new PidsCgroup();
    const empty = mkdtempSync(join(tmpdir(), 'muster-empty-'));
    machine = new Machine(empty, () => ({}));
    rmSync(empty, { recursive: true });
    ran = join(machine.directory, 'ran');
    writeSource(machine.source, {
      job: { type: 'oneshot\n', up: `#!/bin/sh\necho ran >>${ran}\n` },
      fails: { type: 'oneshot\n', up: '#!/bin/sh\nexit 2\n' },
    });
    machine.must('rc-compile', machine.source, machine.compiled);
    const [enter, ...words] = cgroup.entering;
    machine.must(enter!, ...words, 'rc-init');
  });
  afterEach(async () => {
    cgroup.limit('max');
    machine.dispose();
    await cgroup.remove();
  });

  const timesRun = () => readFileSync(ran, 'utf8').split('\n').length - 1;

  /** `rc-change job`, which is not one of those that there are no processes for. */
  function change(...words: string[]): Promise<unknown[]> {
    return once(spawn('rc-change', words, { env: machine.environment, stdio: 'ignore' }), 'exit');
  }

  /** `free`: how many processes can be made. With one there is a shell around the script, and none for the script. */
  test.each([0, 1])('waits for one, and is run once (%i left)', async (free) => {
    cgroup.limit(cgroup.pids().length + free);
    const changed = change('job');
    await eventually('it has tried again', () => cgroup.refusals() >= 3);
    expect(statusOf(machine).get('job')!.state).not.toBe('failed');
    cgroup.limit('max');
    expect((await changed)[0]).toBe(0);
    expect(timesRun()).toBe(1);
  });

  test('is not run any more when the change has given up', async () => {
    cgroup.limit(cgroup.pids().length);
    expect((await change('-t', '1s', 'job'))[0]).not.toBe(0);
    cgroup.limit('max');
    expect((await change('job'))[0]).toBe(0);
    expect(timesRun()).toBe(1);
  });

  test('is told from one that fails with the status of a shell that could not fork', async () => {
    expect((await change('fails'))[0]).toBe(1);
    expect(statusOf(machine).get('fails')!.state).toBe('failed');
  });
});
