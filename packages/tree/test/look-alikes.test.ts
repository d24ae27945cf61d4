/** A start was in flight when the tree was killed: which process is it, where anybody on the machine may have begun others? */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, identityOf, type ProcessIdentity, realUser } from '@muster/posix/process';
import { eventually } from '@muster/posix/test/eventually';
import { decodeStatus, encodeStatus } from '@muster/protocol/s6/status';
import { embedded } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { ChildrenFile } from '@muster/tree/children-file';
import { linuxFiles } from '@muster/tree/system/linux-files';
import { afterEach, beforeEach, expect, test } from 'vitest';

const NOBODY = 65534;
const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
const canBeNobody = process.getuid?.() === 0 && spawnSync('setpriv', [...AS_NOBODY, 'true']).status === 0;
if (!canBeNobody) console.log('skipped: processes of another user, which take root and setpriv');

let stage: Stage;
let stranger: ChildProcess | undefined;
beforeEach(() => {
  stage = new Stage(embedded);
});
afterEach(async () => {
  stranger?.kill('SIGKILL');
  stranger = undefined;
  await stage.down();
});

const childrenPath = () => join(stage.rig.scandir, '.rc-svscan/children');
const statusPath = () => join(stage.rig.directory('web'), 'supervise/status');

/** Leads a session in the service's directory, and has its name among its words, as its `run` would. */
async function imitate(name: string): Promise<ProcessIdentity> {
  const words = [...AS_NOBODY, 'sh', '-c', 'exec sleep 1000 2>/dev/null || exit', './run', name];
  stranger = spawn('setpriv', words, { cwd: stage.rig.directory(name), detached: true, stdio: 'ignore' });
  const pid = stranger.pid!;
  await eventually('the look-alike', () => realUser(pid) === NOBODY && commandLine(pid)?.[0] !== 'setpriv');
  return identityOf(pid)!;
}

/** Makes the children file say that a start is in flight, since `startTime`. */
function putInFlight(name: string, startTime: number): void {
  const children = new ChildrenFile(childrenPath(), linuxFiles);
  children.write(name, { ...children.inherited(name)!, phase: 'starting-run', pid: 0, startTime });
  children.close();
}

test.runIf(canBeNobody)('the process of a user who cannot have been started by the tree is not adopted', async () => {
  const { rig } = stage;
  rig.add('web', { files: { 'restart-delay': '0\n' } });
  await stage.up('web');
  const first = await stage.told('run', 'web');
  await stage.again(async () => {
    process.kill(first.pid, 'SIGKILL');
    const { startTime } = await imitate('web');
    putInFlight('web', startTime);
  });
  const second = await stage.told('run', 'web', 2);
  expect(second.pid).not.toBe(stranger!.pid);
});

test.runIf(canBeNobody)('nor is it where the children file was lost, and the status names its pid', async () => {
  const { rig } = stage;
  rig.add('web', { files: { 'restart-delay': '0\n' } });
  await stage.up('web');
  const first = await stage.told('run', 'web');
  await stage.again(async () => {
    process.kill(first.pid, 'SIGKILL');
    const { pid } = await imitate('web');
    const status = decodeStatus(readFileSync(statusPath()))!;
    writeFileSync(statusPath(), encodeStatus({ ...status, pid, stamp: status.stamp - 3_600_000 }));
    rmSync(childrenPath());
  });
  const second = await stage.told('run', 'web', 2);
  expect(second.pid).not.toBe(stranger!.pid);
});

test.runIf(canBeNobody)('a daemon that has dropped its privileges is adopted by what it has open', async () => {
  const { rig } = stage;
  const run = `exec setpriv ${AS_NOBODY.join(' ')} sh -c 'while read -r line; do :; done <&3'`;
  rig.add('web', { files: { 'notification-fd': '3\n' }, run });
  await stage.up('web');
  const { pid } = await stage.told('run', 'web');
  await eventually('it is nobody', () => realUser(pid) === NOBODY && commandLine(pid)?.[0] === 'sh');
  await stage.again(() => putInFlight('web', identityOf(pid)!.startTime));
  await stage.answers('web');
  await stage.becomes('web', 'up,pid', `true ${pid}`);
  expect(rig.journal('run', 'web')).toHaveLength(1);
});
