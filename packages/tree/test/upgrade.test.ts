/** The executable is replaced under a running tree, as a package manager does: by a rename. */
import { copyFileSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { decodeStatus } from '@muster/protocol/s6/status';
import { supervise } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { Rig, s6 } from '@muster/protocol/test/rig';
import { afterEach, beforeEach, expect, test } from 'vitest';

const BUILT = join(import.meta.dirname, '../../../build/muster');

let stage: Stage;
let executable: string;
let pid: number;

beforeEach(async () => {
  const rig = new Rig();
  executable = join(rig.root, 'muster');
  copyFileSync(BUILT, executable);
  const start = (scandir: string) => supervise(executable, ['svscan', scandir], scandir);
  stage = new Stage({ name: 'rc-svscan', missing: null, start }, rig);
  rig.add('web', { files: { 'restart-delay': '0\n' } });
  await stage.up('web');
  pid = (await rig.told('run', 'web')).pid;
  copyFileSync(BUILT, `${executable}.new`);
  renameSync(`${executable}.new`, executable);
  expect(program()).toBe(`${executable} (deleted)`);
});
afterEach(() => stage.down());

test('the tree is killed and started again from the new one', async () => {
  await stage.again();
  await expectAdoption();
});

test('the tree becomes the new one, in the same process', async () => {
  const { rig } = stage;
  const finish = `#!/bin/sh\nexec '${executable}' svscan '${rig.scandir}'\n`;
  const path = join(rig.scandir, '.s6-svscan/finish');
  writeFileSync(path, finish, { mode: 0o755 });
  expect(s6('s6-svscanctl', '-b', rig.scandir).status).toBe(0);
  await eventually('the new executable', () => program() === executable);
  // It would be executed again at the end.
  rmSync(path);
  await expectAdoption();
});

/** Of the tree. */
function program(): string {
  return readlinkSync(`/proc/${stage.supervision.pid}/exe`);
}

async function expectAdoption(): Promise<void> {
  const { rig } = stage;
  await stage.answers('web');
  expect(program()).toBe(executable);
  const status = decodeStatus(readFileSync(join(rig.directory('web'), 'supervise/status')))!;
  expect(status.pid).toBe(pid);
  expect(rig.journal('run')).toHaveLength(1);
  rig.order('web', 'exit 0');
  await rig.told('run', 'web', 2);
}
