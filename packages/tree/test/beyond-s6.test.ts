/** What the embedded tree does and Debian's s6 does not, or not yet. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { hasEnded } from '@muster/posix/test/processes';
import { embedded } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { afterEach, beforeEach, expect, test } from 'vitest';

let tree: Stage;
beforeEach(() => {
  tree = new Stage(embedded);
});
afterEach(() => tree.down());
const stage = () => tree;

test('lock-fd keeps a second instance waiting for what the first left behind', async () => {
  const { rig } = stage();
  // The lock file is made here because s6 2.11.3 does not make it.
  const files = { 'lock-fd': '7\n', down: '', 'supervise/service-lock': '' };
  rig.add('web', {
    files,
    run: 'tell locked\n[ -e left ] || { : >left; sleep 1000 & echo $! >child; exit 1; }\nexec sleep 1000',
  });
  await stage().up('web');
  stage().svc('web', '-wD', '-o');
  await rig.told('locked', 'web');
  stage().svc('web', '-wu', '-o');
  const child = Number(readFileSync(join(rig.directory('web'), 'child'), 'utf8'));
  expect(rig.journal('locked', 'web')).toHaveLength(1);
  process.kill(child, 'SIGKILL');
  await rig.told('locked', 'web', 2);
});

test('kills the whole group after timeout-kill with flag-timeout-killpg', async () => {
  const { rig } = stage();
  const files = { 'timeout-kill': '50\n', 'flag-timeout-killpg': '' };
  rig.add('web', {
    files,
    run: "trap '' TERM\nsleep 1000 &\necho $! >child\ntell deaf\nwhile :; do sleep 1000; done",
  });
  await stage().up('web');
  await rig.told('deaf', 'web');
  const child = Number(readFileSync(join(rig.directory('web'), 'child'), 'utf8'));
  stage().svc('web', '-wd', '-d');
  await eventually('the death of its child', () => hasEnded(child));
});

test('asks the whole group to stop with flag-stop-group, and kills all of it', async () => {
  const { rig } = stage();
  rig.add('web', {
    files: { 'flag-stop-group': '' },
    run: 'sleep 1000 &\necho $! >child\ntell up\nexec sleep 1000',
  });
  await stage().up('web');
  await rig.told('up', 'web');
  const child = Number(readFileSync(join(rig.directory('web'), 'child'), 'utf8'));
  stage().svc('web', '-wd', '-d');
  await eventually('the death of its child', () => hasEnded(child));
});

const isRoot = process.getuid!() === 0;
if (!isRoot) console.log('skipped: flag-newpidns, which takes the rights of root');

test.skipIf(!isRoot)('flag-newpidns gives run a PID namespace of its own, and nobody else', async () => {
  const { rig } = stage();
  const run = 'echo $$ >pid\ntell up\nexec sleep 1000';
  // Process 1 of a namespace gets no signal that it does not catch.
  rig.add('apart', { files: { 'flag-newpidns': '', 'down-signal': 'KILL\n' }, run });
  rig.add('with', { run });
  await stage().up('apart', 'with');
  const pidIn = (name: string) => readFileSync(join(rig.directory(name), 'pid'), 'utf8').trim();
  for (const name of ['apart', 'with']) await rig.told('up', name);
  expect(pidIn('apart')).toBe('1');
  // It may tell of itself before its supervisor does.
  await eventually('its status', () => stage().stat('with', 'pid') === pidIn('with'));
  stage().svc('apart', '-k');
  await rig.told('up', 'apart', 2);
  expect(pidIn('apart')).toBe('1');
});
