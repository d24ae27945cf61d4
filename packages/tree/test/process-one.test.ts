/** As process 1 of a container: orphans are reaped, and signals end everything. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { sendSignal } from '@muster/posix/signals';
import { eventually } from '@muster/posix/test/eventually';
import { type Backend, musterCommand, supervise } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { afterEach, describe, expect, test } from 'vitest';

const canUnshare = spawnSync('unshare', ['-pf', '--mount-proc', 'true']).status === 0;
if (!canUnshare) console.log('skipped: process 1, which needs a pid namespace (unshare, as root)');

const [program, args] = musterCommand('svscan');
const processOne: Backend = {
  name: 'rc-svscan as process 1',
  missing: null,
  start: (scandir) => supervise('unshare', ['-pf', '--mount-proc', program, ...args, scandir], scandir),
};

let stage: Stage;
afterEach(() => stage.down());

/** The tree itself, seen from outside. */
function treePid(): number {
  const { pid } = stage.supervision;
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

const childrenOf = (pid: number) =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );

describe.skipIf(!canUnshare)('process 1', () => {
  test('reaps orphans', async () => {
    stage = new Stage(processOne);
    const { rig } = stage;
    rig.add('web');
    await stage.up('web');
    await rig.told('run', 'web');
    const pid = treePid();
    const [service, ...others] = childrenOf(pid);
    expect(others).toEqual([]);
    rig.order('web', 'do (sleep 1000 &)');
    const orphan = await eventually('an orphan', () => childrenOf(pid).find((child) => child !== service));
    process.kill(orphan, 'SIGKILL');
    await eventually('no child but the service', () => !childrenOf(pid).includes(orphan));
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGPWR'] as const)('%s stops every service, and then the tree', async (signal) => {
    stage = new Stage(processOne);
    const { rig } = stage;
    rig.add('web', { finish: true });
    await stage.up('web');
    await rig.told('run', 'web');
    // Bun's own kill does not know SIGPWR.
    expect(sendSignal(treePid(), constants.signals[signal])).toBe(true);
    expect(await stage.supervision.ended).toBe(0);
    expect(rig.journal('finish', 'web')).toHaveLength(1);
  });
});
