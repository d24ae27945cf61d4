/** A thousand services, and no more than 4,096 descriptors. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { decodeStatus } from '@muster/protocol/s6/status';
import { type Backend, musterCommand, supervise } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { afterEach, expect, test } from 'vitest';

const SERVICES = 1000;
const DESCRIPTORS = 4096;

const [program, args] = musterCommand('svscan');
const limited: Backend = {
  name: 'rc-svscan with few descriptors',
  missing: null,
  start: (scandir) => {
    const script = `ulimit -n ${DESCRIPTORS} && exec "$@" '${scandir}'`;
    return supervise('sh', ['-c', script, 'sh', program, ...args], scandir);
  },
};

let stage: Stage;
afterEach(() => stage.down());

test('1,000 services become ready, are adopted and stopped with 4,096 descriptors', async () => {
  stage = new Stage(limited);
  const { rig } = stage;
  const names = Array.from({ length: SERVICES }, (_, index) => `s${index}`);
  // One process each: the daemon is the shell.
  const run = 'echo >&3; exec sleep 100000';
  for (const name of names) rig.add(name, { files: { 'notification-fd': '3\n' }, run });
  const status = (name: string) => {
    const path = join(rig.directory(name), 'supervise/status');
    return existsSync(path) ? decodeStatus(readFileSync(path)) : undefined;
  };
  const pids = () => names.map((name) => status(name)?.pid);
  const descriptors = () => readdirSync(`/proc/${stage.supervision.pid}/fd`).length;

  await stage.up(names.at(-1)!);
  await eventually('all are ready', () => names.every((name) => status(name)?.ready));
  expect(descriptors()).toBeLessThan(2 * SERVICES + 50);
  const before = pids();
  await stage.again();
  await stage.answers(names.at(-1)!);
  expect(pids()).toEqual(before);
  expect(descriptors()).toBeLessThan(DESCRIPTORS);
  process.kill(before[17]!, 'SIGKILL');
  await eventually('its death is noticed', () => status('s17')!.pid !== before[17] && status('s17')!.ready);
});
