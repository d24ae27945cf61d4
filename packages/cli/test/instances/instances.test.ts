/** rc-instance on a live directory: services of templates, made and removed while everything runs. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Tree } from '../compile/trees.ts';
import { daemon } from '../update/definitions.ts';
import { TestSite } from '../update/test-site.ts';
import { tunnels } from './templates.ts';

let site: TestSite;
beforeEach(async () => {
  site = new TestSite();
  await site.boot(tunnels(join(site.root, 'logs')), ['default']);
});
afterEach(() => site.remove());

const instance = (...args: string[]) => site.runAside('rc-instance', ...args);
const names = async () => (await site.services()).map(({ name }) => name);
const listed = async () => JSON.parse(await site.must('rc-instance', 'list', '--json')).instances;

async function update(tree: Tree): Promise<void> {
  await site.compile(tree);
  await site.must('rc-update');
}

test('an instance comes with its logger, its needs, its readiness and its variables', async () => {
  await site.must('rc-instance', 'create', '-e', 'PORT=1', '-e', "TEXT=it's\ntwo", '--up', 'tunnel@a');
  expect(await names()).toEqual(expect.arrayContaining(['key@a', 'net', 'tunnel@a', 'tunnel@a-log']));
  const services = await site.services();
  const state = (name: string) => services.find((service) => service.name === name)?.state;
  expect([state('tunnel@a'), state('tunnel@a-log'), state('key@a')]).toEqual(['ready', 'up', 'up']);
  const log = join(site.root, 'logs/a/current');
  await eventually('the log has it', () => existsSync(log) && readFileSync(log, 'utf8').includes('PORT=1 in a'));
  expect(readFileSync(join(site.live, 'services/tunnel@a/data/text'), 'utf8')).toBe("it's\ntwo");
  expect(await listed()).toEqual([
    { name: 'key@a', template: 'key', instance: 'a', env: {}, persist: false, state: 'up' },
    {
      name: 'tunnel@a',
      template: 'tunnel',
      instance: 'a',
      env: { PORT: '1', TEXT: "it's\ntwo" },
      persist: false,
      state: 'ready',
    },
  ]);
  // What is needed starts and stops with it, as with any service.
  await site.must('rc-change', '-d', 'net');
  expect(await site.up()).not.toContain('tunnel@a');
  await site.must('rc-change', 'tunnel@a');
  expect(await site.up()).toContain('net');
});

test('variables are for their owner alone, wherever they are', async () => {
  await site.must('rc-instance', 'create', '-e', 'SECRET=hidden', 'tunnel@a');
  const open: string[] = [];
  const walk = (directory: string, isReachable: boolean) => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isSymbolicLink()) continue;
      const { mode } = statSync(path);
      if (entry.isDirectory()) walk(path, isReachable && (mode & 0o001) !== 0);
      else if (entry.isFile() && isReachable && (mode & 0o044) !== 0 && readFileSync(path).includes('hidden'))
        open.push(path);
    }
  };
  walk(site.live, true);
  expect(open).toEqual([]);
});

test('created again it is the same, or it is refused; what cannot be is told from what is not there', async () => {
  await site.must('rc-instance', 'create', '-e', 'PORT=1', 'tunnel@a');
  expect((await instance('create', '-e', 'PORT=1', 'tunnel@a')).status).toBe(0);
  expect((await instance('create', '-e', 'PORT=2', 'tunnel@a')).status).toBe(5);
  expect((await instance('create', 'nothing@a')).status).toBe(3);
  expect((await instance('create', '-e', 'PORT', 'tunnel@b')).status).toBe(100);
  expect((await instance('create', `tunnel@${'x'.repeat(255)}`)).status).toBe(100);
  for (const name of ['tunnel', 'tunnel@', '@a', 'tunnel@.a', 'tunnel@a/b', 'tunnel@a\nb'])
    expect((await instance('create', name)).status, name).toBe(100);
  expect((await instance('remove', 'tunnel@b')).status).toBe(3);
  expect((await instance('env', 'tunnel@b')).status).toBe(3);
  expect((await listed()).map(({ name }: { name: string }) => name)).toEqual(['key@a', 'tunnel@a']);
});

test('it is removed when it is down, with what was made along, unless another one needs that', async () => {
  await site.must('rc-instance', 'create', '--up', 'tunnel@a');
  expect(await instance('remove', 'tunnel@a')).toMatchObject({
    status: 5,
    stderr: expect.stringContaining('tunnel@a'),
  });
  expect(await instance('remove', '--down', 'key@a')).toMatchObject({
    status: 5,
    stderr: expect.stringContaining('needed by tunnel@a'),
  });
  await site.must('rc-instance', 'remove', '--down', 'tunnel@a');
  expect(await names()).toEqual(['net']);
  expect(readdirSync(join(site.live, 'services'))).toEqual(['net']);
  expect(readdirSync(join(site.live, 'scan')).filter((name) => !name.startsWith('.'))).toEqual(['net']);
  expect(existsSync(join(site.live, 'pipes/tunnel@a-log'))).toBe(false);
  expect(await listed()).toEqual([]);
  expect((await site.pids()).size).toBe(1);
  // Asked for by itself, it stays when who has brought it goes.
  await site.must('rc-instance', 'create', 'tunnel@b');
  await site.must('rc-instance', 'create', 'key@b');
  await site.must('rc-instance', 'remove', 'tunnel@b');
  expect((await listed()).map(({ name }: { name: string }) => name)).toEqual(['key@b']);
});

test('other variables count from the next start, or at once', async () => {
  await site.must('rc-instance', 'create', '-e', 'PORT=1', '--up', 'tunnel@a');
  const first = (await site.pids()).get('tunnel@a');
  await site.must('rc-instance', 'env', 'tunnel@a', 'PORT=2', 'MORE=x');
  expect((await site.pids()).get('tunnel@a')).toBe(first);
  expect((await site.services()).find(({ name }) => name === 'tunnel@a')?.stale).toBe(true);
  expect(await site.must('rc-instance', 'env', 'tunnel@a')).toBe('MORE=x\nPORT=2\n');
  await site.must('rc-instance', 'env', 'tunnel@a', 'PORT=3', '-u', 'MORE', '--restart');
  const log = join(site.root, 'logs/a/current');
  await eventually('the log has it', () => readFileSync(log, 'utf8').includes('PORT=3 in a'));
  expect(await site.must('rc-instance', 'env', 'tunnel@a')).toBe('PORT=3\n');
  const file = join(site.root, 'variables');
  writeFileSync(file, 'PORT=4\0', { mode: 0o600 });
  await site.must('rc-instance', 'env', 'tunnel@a', '--env-file', file);
  expect(await site.must('rc-instance', 'env', 'tunnel@a')).toBe('PORT=4\n');
  await site.must('rc-instance', 'env', 'tunnel@a', 'PORT=3');
  expect((await site.services()).find(({ name }) => name === 'tunnel@a')?.stale).toBe(false);
});

test('it lives through updates, goes with its template, and comes back with that', async () => {
  const logs = join(site.root, 'logs');
  await site.must('rc-instance', 'create', '-e', 'PORT=1', '--up', 'tunnel@a');
  const first = (await site.pids()).get('tunnel@a');
  await update({ ...tunnels(logs), ...daemon('web') });
  expect((await site.pids()).get('tunnel@a')).toBe(first);
  // Another definition of the template is another one of the instance.
  await update({ ...tunnels(logs), ...daemon('web'), 'tunnel@/timeout-kill': '5000\n' });
  const second = (await site.pids()).get('tunnel@a');
  expect(second).not.toBe(first);
  expect(await site.up()).toContain('tunnel@a');
  const without: Tree = { ...daemon('net'), 'default/type': 'bundle\n', 'default/contents': 'net\n' };
  await site.compile(without);
  expect(await site.must('rc-update', '--dry-run')).toContain('tunnel@a');
  await site.must('rc-update');
  expect(await names()).toEqual(['net']);
  expect((await site.pids()).size).toBe(1);
  await site.must('rc-update', '--rollback');
  expect(await names()).toContain('tunnel@a');
  expect(await site.must('rc-instance', 'env', 'tunnel@a')).toBe('PORT=1\n');
  await site.must('rc-change', 'tunnel@a');
});

test('what a source defines as well belongs to it, without a restart', async () => {
  const logs = join(site.root, 'logs');
  await site.must('rc-instance', 'create', '--up', 'tunnel@a');
  const first = (await site.pids()).get('tunnel@a');
  await update({ ...tunnels(logs), 'default/contents': 'net\ntunnel@a\n' });
  expect((await site.pids()).get('tunnel@a')).toBe(first);
  expect(await listed()).toEqual([]);
  expect((await instance('remove', 'tunnel@a')).status).toBe(5);
  await site.must('rc-update', '--rollback');
  expect((await site.pids()).get('tunnel@a')).toBe(first);
  expect((await listed()).map(({ name }: { name: string }) => name)).toEqual(['key@a', 'tunnel@a']);
});

test('it lives on when the tree dies; over a boot it is there if it persists', async () => {
  await site.must('rc-instance', 'create', '-e', 'PORT=1', '--persist', '--up', 'tunnel@a');
  await site.must('rc-instance', 'create', 'tunnel@b');
  const kept = join(site.root, 'instances/tunnel@a');
  expect(statSync(kept).mode & 0o777).toBe(0o600);
  const first = (await site.pids()).get('tunnel@a');
  const [tree] = site.trees();
  process.kill(tree!, 'SIGKILL');
  await site.must('rc-change', 'tunnel@b');
  expect((await site.pids()).get('tunnel@a')).toBe(first);
  await site.must('rc-shutdown');
  await site.must('rc-init');
  expect(await names()).toEqual(expect.arrayContaining(['tunnel@a', 'tunnel@a-log', 'key@a']));
  expect(await names()).not.toContain('tunnel@b');
  await site.must('rc-change', 'tunnel@a');
  expect(await site.must('rc-instance', 'env', 'tunnel@a')).toBe('PORT=1\n');
  await site.must('rc-shutdown');
  // One whose template is gone is told of, and keeps nothing else from coming up.
  await site.compile(daemon('net'));
  const init = await site.runAside('rc-init');
  expect(init).toMatchObject({ status: 0, stderr: expect.stringContaining('the instance tunnel@a is left out') });
  expect(existsSync(kept)).toBe(true);
});
