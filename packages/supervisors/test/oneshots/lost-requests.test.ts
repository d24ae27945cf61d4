/** A request that a runner had not taken when it died is carried out by the next one, once. */

import { closeSync, existsSync, mkdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceId } from '@muster/core/model/database';
import { makeFifo, openFifoForReading, writeFifo } from '@muster/posix/fifo';
import { eventually } from '@muster/posix/test/eventually';
import { decodeRequest } from '@muster/protocol/oneshots/protocol';
import { saveStatus } from '@muster/protocol/oneshots/status-file';
import { embeddedWith } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { Rig } from '@muster/protocol/test/rig';
import { OneshotClient } from '@muster/supervisors/oneshots/client';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SUCCESS = { code: 0, signal: 0 };

let rig: Rig;
let home: string;
let control: string;
let client: OneshotClient;
beforeEach(() => {
  rig = new Rig();
  home = join(rig.root, 'services/migrate');
  control = join(rig.root, 'oneshots/control');
  for (const directory of ['oneshots', 'services', 'services/migrate']) mkdirSync(join(rig.root, directory));
  makeFifo(control, 0o600);
  client = new OneshotClient(
    join(rig.root, 'oneshots'),
    () => 'migrate',
    () => home,
  );
});
afterEach(() => {
  client.close();
  rig.remove();
});

function requestsIn(fifo: number): string[] {
  const bytes = new Uint8Array(4096);
  try {
    return Buffer.from(bytes.subarray(0, readSync(fifo, bytes)))
      .toString()
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

test('is said again, until the status shows it, with the same id', async () => {
  const dying = openFifoForReading(control);
  client.order(serviceId(0), 'up');
  closeSync(dying);
  const next = openFifoForReading(control);
  const said = await eventually('it is said again', () => requestsIn(next).at(0));
  const { id } = decodeRequest(said)!;
  expect(decodeRequest(said)).toEqual({ verb: 'up', id, name: 'migrate', lender: null });
  saveStatus(home, { running: null, last: { action: 'up', request: id, exit: SUCCESS, at: 1 } });
  expect(client.observe(serviceId(0))).toMatchObject({ running: null, last: { action: 'up', exit: SUCCESS } });
  client.order(serviceId(0), 'down');
  const other = await eventually('the next request', () => requestsIn(next).at(-1));
  expect(decodeRequest(other)).toMatchObject({ verb: 'down' });
  expect(decodeRequest(other)!.id).not.toBe(id);
  closeSync(next);
});

test('of which no runner ever hears is seen to have none', async () => {
  const changed: number[] = [];
  const watch = client.watch([serviceId(0)], (service) => changed.push(service));
  client.order(serviceId(0), 'up');
  expect(client.observe(serviceId(0))).toMatchObject({ kind: 'oneshot' });
  await eventually('it is given up', () => changed.length > 0);
  expect(client.observe(serviceId(0))).toEqual({ kind: 'unsupervised' });
  watch.close();
});

test('is run once, however often it is said', async () => {
  const runs = join(rig.root, 'runs');
  writeFileSync(join(home, 'up'), `#!/bin/sh\necho run >>${runs}\nuntil [ -e ${rig.root}/go ]; do sleep 0.01; done\n`, {
    mode: 0o755,
  });
  rig.add('web');
  const stage = new Stage(embeddedWith('--live', rig.root), rig);
  await stage.up('web');
  const say = (id: string) => expect(writeFifo(control, Buffer.from(`up ${id} - migrate\n`))).toBe('written');
  const runCount = () => (existsSync(runs) ? readFileSync(runs, 'utf8').split('\n').length - 1 : 0);
  const ended = (id: string) => () => readFileSync(join(home, 'status'), 'utf8').startsWith(`-\nup ${id} 0 0 `);
  for (const id of ['a', 'a']) say(id);
  await eventually('it runs', () => runCount() === 1);
  for (const id of ['a', 'b', 'a', 'b']) say(id);
  writeFileSync(join(rig.root, 'go'), '');
  await eventually('what was asked for while it ran has ended', ended('b'));
  for (const id of ['b', 'c']) say(id);
  await eventually('the last one has ended', ended('c'));
  expect(runCount()).toBe(3);
  await stage.down();
});

test('a script whose runner is gone for good is nothing to wait for', async () => {
  const runner = openFifoForReading(control);
  const running = { action: 'up', request: 'x', pid: 1, startTime: 1, since: 1, console: null, killAt: 0 } as const;
  saveStatus(home, { running, last: null });
  expect(client.observe(serviceId(0))).toMatchObject({ kind: 'oneshot', running: 'up' });
  closeSync(runner);
  await eventually('nobody runs it', () => client.observe(serviceId(0)).kind === 'unsupervised');
});
