/** The kernel has no process and no thread to give, for as long as somebody uses them all. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFifo } from '@muster/posix/fifo';
import { eventually } from '@muster/posix/test/eventually';
import { PidsCgroup, pidsCgroupMissing } from '@muster/posix/test/pids-cgroup';
import { supervise } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { s6 } from '@muster/protocol/test/rig';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

if (pidsCgroupMissing !== null) console.log(`skipped: without processes: ${pidsCgroupMissing}`);

/** From its sources, Bun would need threads to compile them. */
const BUILT = join(import.meta.dirname, '../../../build/muster');

const threadsOf = (pid: number) => readdirSync(`/proc/${pid}/task`).length;

describe.skipIf(pidsCgroupMissing !== null)('where no process can be made', () => {
  let cgroup: PidsCgroup;
  let stage: Stage;

  beforeEach(() => {
    cgroup = new PidsCgroup();
    const [enter, ...words] = [...cgroup.entering, BUILT, 'svscan'];
    const start = (scandir: string) => supervise(enter!, [...words, scandir], scandir);
    stage = new Stage({ name: 'rc-svscan in a control group', missing: null, start });
  });
  afterEach(async () => {
    cgroup.limit('max');
    await stage.down();
    await cgroup.remove();
  });

  test('the tree needs no thread, neither at its start nor for its garbage', async () => {
    stage.rig.add('web');
    await stage.up('web');
    await stage.rig.told('run', 'web');
    const { pid } = stage.supervision;
    expect(threadsOf(pid)).toBe(1);
    cgroup.limit(1);
    const control = join(stage.rig.directory('web'), 'supervise/control');
    for (const [last, wanted] of Array.from(
      { length: 10 },
      () =>
        [
          ['O', 'false'],
          ['u', 'true'],
        ] as const,
    ).flat()) {
      expect(writeFifo(control, Buffer.from('uO'.repeat(100) + last))).toBe('written');
      await stage.becomes('web', 'wantedup', wanted);
    }
    expect(threadsOf(pid)).toBe(1);
  });

  test('a death, readiness and orders are handled, and what is to start starts once it can, with no death more', async () => {
    const { rig } = stage;
    rig.add('dies', { files: { 'restart-delay': '0\n', 'max-death-tally': '10\n' } });
    rig.add('readies', { files: { 'notification-fd': '3\n' } });
    rig.add('leaves');
    rig.add('waits', { files: { down: '' } });
    await stage.up('dies', 'readies', 'leaves', 'waits');
    for (const name of ['dies', 'readies', 'leaves']) await rig.told('run', name);
    cgroup.limit(1);
    rig.order('dies', 'exit 0');
    rig.order('readies', 'ready');
    stage.svc('leaves', '-d');
    stage.svc('waits', '-o');
    await stage.becomes('dies', 'up,wantedup', 'false true');
    await stage.becomes('readies', 'ready', 'true');
    await stage.becomes('leaves', 'up,wantedup', 'false false');
    await eventually('it has tried', () => cgroup.refusals() >= 6);
    expect(stage.supervision.messages().match(/no process can be made/g)).toHaveLength(1);
    cgroup.limit('max');
    await rig.told('run', 'dies', 2);
    await rig.told('run', 'waits');
    await stage.becomes('dies', 'up', 'true');
    await eventually('it is told', () => stage.supervision.messages().includes('processes can be made again'));
    expect(rig.journal('run', 'leaves')).toHaveLength(1);
    expect(deathsOf(stage, 'dies')).toBe(1);
  });

  test('a finish waits too, and what is stopped meanwhile is down only after it', async () => {
    const { rig } = stage;
    rig.add('web', { finish: true });
    await stage.up('web');
    await rig.told('run', 'web');
    cgroup.limit(1);
    stage.svc('web', '-d');
    await eventually('it has tried', () => cgroup.refusals() >= 2);
    expect(rig.journal('finish')).toEqual([]);
    cgroup.limit('max');
    await rig.told('finish', 'web');
    await stage.becomes('web', 'up,wantedup', 'false false');
    expect(rig.journal('run')).toHaveLength(1);
  });
});

function deathsOf(stage: Stage, name: string): number {
  return s6('s6-svdt', stage.rig.directory(name)).stdout.split('\n').filter(Boolean).length;
}
