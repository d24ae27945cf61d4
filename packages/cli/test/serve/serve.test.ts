/** rc-serve: looking and changing over HTTP, over its own deaths. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { daemon, oneshot } from '../update/definitions.ts';
import { TestSite } from '../update/test-site.ts';
import { type Sent, Server } from './server.ts';

let site: TestSite;
let server: Server;
let gate: string;
beforeEach(async () => {
  site = new TestSite();
  gate = join(site.root, 'gate');
  await site.boot(
    {
      ...daemon('db'),
      ...daemon('web', ['db']),
      ...daemon('worker@', ['db']),
      ...oneshot('slow', `sh -c "until [ -e ${gate} ]; do sleep 0.1; done"\n`),
      'default/type': 'bundle\n',
      'default/contents': 'db\n',
    },
    ['default'],
  );
  server = new Server(site);
  await server.start();
});
afterEach(() => site.remove());

const stateOf = async (name: string) => (await server.json('GET', `/status/${name}`)).services[0].state;

test('looking: status, its tag, waiting for another one, what is not there', async () => {
  expect(statSync(server.socket).mode & 0o777).toBe(0o600);
  const status = await server.ask('GET', '/status');
  expect(status.status).toBe(200);
  expect(JSON.parse(status.text).services.map(({ name }: { name: string }) => name)).toEqual(['db', 'slow', 'web']);
  const tag = String(status.headers.etag);
  expect((await server.ask('GET', '/status', undefined, { 'If-None-Match': tag })).status).toBe(304);
  const waiting = server.json('GET', '/status?wait=60', undefined, { 'If-None-Match': tag });
  await site.must('rc-change', 'web');
  expect(
    (await waiting).services.some(
      ({ name, state }: { name: string; state: string }) => name === 'web' && state !== 'down',
    ),
  ).toBe(true);
  expect((await server.ask('GET', '/status/nobody')).status).toBe(404);
  expect((await server.ask('GET', '/nothing')).status).toBe(404);
  expect((await server.ask('POST', '/start', { names: 3 })).status).toBe(400);
  expect((await server.json('GET', '/wait?name=web&for=up&timeout=60000')).end).toBe('so');
  expect((await server.json('GET', '/health/ready')).ready).toBe(true);
});

test('a change is done by its id, with its events, once for each key', async () => {
  const key = { 'Idempotency-Key': 'k1' };
  const asked = await server.json('POST', '/start?wait=60', { names: ['web'] }, key);
  expect(asked).toMatchObject({ verb: 'start', state: 'done', exit: 0 });
  expect(await stateOf('web')).toBe('up');
  expect((await server.json('POST', '/start', { names: ['web'] }, key)).id).toBe(asked.id);
  expect((await server.ask('POST', '/stop', { names: ['web'] }, key)).status).toBe(422);
  const sent: Sent[] = [];
  await new Promise<void>((resolve) => {
    server.stream(`/changes/${asked.id}/events`, (event) => {
      sent.push(event);
      if (event.event === 'end') resolve();
    });
  });
  expect(sent.map(({ data }) => data.event).filter(Boolean)).toEqual(
    expect.arrayContaining(['starting', 'up', 'done']),
  );
  expect(sent.at(-1)?.data.exit).toBe(0);
  expect((await server.json('POST', '/stop?wait=60', { names: ['nobody'] })).exit).toBe(3);
  expect((await server.json('POST', '/stop?wait=60', { names: ['db'] })).exit).toBe(0);
  expect(await stateOf('web')).toBe('down');
  expect((await server.json('GET', '/changes')).changes).toHaveLength(3);
  expect((await server.json('POST', '/plan', { names: ['web'] })).transitions.length).toBe(2);
});

test('a change goes on when the server is killed, and the next one knows it; it can be cancelled', async () => {
  const { id } = await server.json('POST', '/start', { names: ['slow', 'web'] });
  await eventually('the script runs', async () => (await stateOf('slow')) === 'starting');
  await server.end('SIGKILL');
  await server.start();
  expect((await server.json('GET', `/changes/${id}`)).state).toBe('running');
  writeFileSync(gate, '');
  const tag = { 'If-None-Match': String((await server.ask('GET', `/changes/${id}`)).headers.etag) };
  await eventually('it is done', async () => (await server.json('GET', `/changes/${id}`, undefined)).state === 'done');
  expect((await server.json('GET', `/changes/${id}?wait=1`, undefined, tag)).exit).toBe(0);
  expect(await site.up()).toEqual(['db', 'slow', 'web']);
});

test('cancelled, a change begins nothing more', async () => {
  const { id } = await server.json('POST', '/start', { names: ['slow'] });
  await eventually('the script runs', async () => (await stateOf('slow')) === 'starting');
  expect((await server.ask('DELETE', `/changes/${id}`)).status).toBe(202);
  writeFileSync(gate, '');
  await eventually('it is over', async () => (await server.json('GET', `/changes/${id}`)).state === 'done');
  expect((await server.ask('DELETE', '/changes/zzzzzzzz-000000000000')).status).toBe(404);
});

test('instances are made, changed and removed, and no variable is on a command line', async () => {
  const made = await server.json('POST', '/instances?wait=60', {
    name: 'worker@a',
    env: { KEY: 'hidden\nvalue' },
    up: true,
  });
  expect(made).toMatchObject({ state: 'done', exit: 0 });
  expect(JSON.stringify(made)).not.toContain('hidden');
  const [instance] = (await server.json('GET', '/instances')).instances;
  expect(instance).toMatchObject({ name: 'worker@a', env: { KEY: 'hidden\nvalue' }, state: 'up' });
  expect((await server.json('PATCH', '/instances/worker@a?wait=60', { set: { MORE: '1' }, unset: ['KEY'] })).exit).toBe(
    0,
  );
  expect((await server.json('GET', '/instances')).instances[0].env).toEqual({ MORE: '1' });
  expect((await server.json('DELETE', '/instances/worker@a?wait=60')).exit).toBe(5);
  expect((await server.json('DELETE', '/instances/worker@a?wait=60&down=true')).exit).toBe(0);
  expect((await server.json('GET', '/instances')).instances).toEqual([]);
});

test('events go on after the last one that a client has seen, none lost and none twice', async () => {
  const all: Sent[] = [];
  const whole = server.stream('/events', (event) => all.push(event));
  await eventually('the snapshot is there', () => all.some(({ event }) => event === 'snapshot'));
  const first: Sent[] = [];
  const half = server.stream('/events', (event) => first.push(event));
  await eventually('so it is here', () => first.some(({ event }) => event === 'snapshot'));
  await site.must('rc-change', 'web');
  const isUp = ({ event, data }: Sent) => event === 'up' && data.service === 'web';
  await eventually('web is up', () => first.some(isUp));
  half.close();
  const last = first.findLast(({ id }) => id !== null)!.id!;
  await site.must('rc-change', '-d', 'db');
  const second: Sent[] = [];
  const rest = server.stream('/events', (event) => second.push(event), { 'Last-Event-ID': last });
  const isDown = ({ event, data }: Sent) => event === 'done' && data.seq !== undefined;
  await eventually('all has come', () => second.some(isDown) && all.filter(isDown).length >= 2);
  const numbered = (events: readonly Sent[]) =>
    events.filter(({ event, data }) => event !== 'snapshot' && data.seq !== undefined).map(({ id }) => Number(id));
  const here = numbered(all);
  const there = [...numbered(first), ...numbered(second)];
  expect(there).toEqual(here);
  whole.close();
  rest.close();
});

test('a stale socket is replaced, a live one is let alone; it ends at TERM', async () => {
  const other = await site.runAside('rc-serve');
  expect(other).toMatchObject({ status: 1, stderr: expect.stringContaining('another server listens') });
  const long = await site.runAside('rc-serve', '--socket', `/${'x'.repeat(107)}`);
  expect(long).toMatchObject({ status: 1, stderr: expect.stringContaining('at most 107') });
  await server.end('SIGKILL');
  expect(existsSync(server.socket)).toBe(true);
  await server.start();
  expect(await server.end('SIGTERM')).toBe(0);
  expect(existsSync(server.socket)).toBe(false);
});

test('metrics are what promtool takes', async () => {
  const { text, headers } = await server.ask('GET', '/metrics');
  expect(headers['content-type']).toContain('openmetrics');
  expect(text).toContain('muster_service_ready{service="db"} 1');
  expect(text.endsWith('# EOF\n')).toBe(true);
  const promtool = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  if (promtool.error !== undefined) console.log("promtool's word on metrics is skipped: it is not installed");
  else expect(promtool.stderr).not.toMatch(/error|parse/i);
});
