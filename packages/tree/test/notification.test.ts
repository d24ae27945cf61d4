/** What a service says of its readiness, or does not say, while no tree is there to read it. */
import { closeSync, constants, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { decodeStatus } from '@muster/protocol/s6/status';
import { embedded } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { afterEach, beforeEach, expect, test } from 'vitest';

let stage: Stage;
beforeEach(async () => {
  stage = new Stage(embedded);
  stage.rig.add('web', { files: { 'notification-fd': '3\n' } });
  await stage.up('web');
  const { pid } = await stage.rig.told('run', 'web');
  await stage.becomes('web', 'up,pid', `true ${pid}`);
});
afterEach(() => stage.down());

const isReady = () => decodeStatus(readFileSync(join(stage.rig.directory('web'), 'supervise/status')))!.ready;
let done = 0;
/** Resolves when the service has done it. */
const does = async (command: string) => {
  const what = `done${++done}`;
  stage.rig.order('web', `do { ${command}; }; tell ${what}`);
  await stage.rig.told(what, 'web');
};
/** Adoption is over when the tree obeys. */
const again = async (meanwhile: () => Promise<void>) => {
  await stage.again(meanwhile);
  await stage.answers('web');
  stage.svc('web', '-p');
  await stage.becomes('web', 'paused', 'true');
  stage.svc('web', '-c');
  await stage.becomes('web', 'paused', 'false');
};

test('one that has notified and closed its descriptor is ready', async () => {
  await stage.again(() => does('echo >&3; exec 3>&-'));
  await stage.becomes('web', 'ready', 'true');
  expect(stage.rig.journal('run')).toHaveLength(1);
});

test('one that has closed its descriptor and not notified is not ready', async () => {
  await again(() => does('exec 3>&-'));
  expect(isReady()).toBe(false);
});

test('what is no newline says nothing, and the newline may follow', async () => {
  await again(() => does('printf starting >&3'));
  expect(isReady()).toBe(false);
  await again(() => does(':'));
  expect(isReady()).toBe(false);
  await again(() => does('echo >&3; exec 3>&-'));
  await stage.becomes('web', 'ready', 'true');
});

test('what was read already and was no newline does not count later', async () => {
  await does('printf starting >&3');
  const path = join(stage.rig.directory('web'), 'supervise/notification');
  await eventually('the tree has read it', () => statSync(path).mtimeMs === 0);
  await again(() => does('exec 3>&-'));
  expect(isReady()).toBe(false);
});

test('a newline that was read, and not told before the tree was killed, counts', async () => {
  await stage.again(async () => {
    await does('echo >&3');
    const path = join(stage.rig.directory('web'), 'supervise/notification');
    const fifo = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    expect(readSync(fifo, Buffer.alloc(8))).toBe(1);
    closeSync(fifo);
  });
  await stage.becomes('web', 'ready', 'true');
});

test('one that was ready before stays so, and each start begins anew', async () => {
  await does('echo >&3; exec 3>&-');
  await stage.becomes('web', 'ready', 'true');
  await again(() => does(':'));
  expect(isReady()).toBe(true);
  stage.rig.order('web', 'exit 0');
  const { pid } = await stage.rig.told('run', 'web', 2);
  await stage.becomes('web', 'up,pid', `true ${pid}`);
  await again(() => does('exec 3>&-'));
  expect(isReady()).toBe(false);
});

test('one that never stops writing keeps the tree from nothing', async () => {
  await does('yes x | tr -d "\\n" >&3 & flood=$!');
  for (const _ of [1, 2]) {
    await stage.answers('web');
    expect(isReady()).toBe(false);
    await again(() => does(':'));
  }
  await does('kill "$flood"');
  await does('echo >&3');
  await stage.becomes('web', 'ready', 'true');
});
