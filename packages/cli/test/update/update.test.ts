/** rc-update as people call it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Tree } from '../compile/trees.ts';
import { base, changed, daemon, oneshot } from './definitions.ts';
import { TestSite } from './test-site.ts';

let site: TestSite;
beforeEach(() => {
  site = new TestSite();
});
afterEach(() => site.remove());

test('a service that an update leaves alone keeps its process and loses no line, though it is renamed', async () => {
  const lines = join(site.root, 'lines');
  const producer = daemon('talk', [], {
    run: '#!/bin/sh\nn=0; while :; do n=$((n + 1)); echo $n; sleep 0.01; done\n',
    'producer-for': 'hear\n',
  });
  const consumer = (name: string, from: string) =>
    daemon(name, [], {
      run: `#!/bin/sh\nexec cat >>${lines}\n`,
      'consumer-for': `${from}\n`,
      'renamed-from': 'hear\n',
    });
  await site.boot({ ...producer, ...consumer('hear', 'talk'), ...daemon('db') }, ['talk', 'db']);
  const before = await site.pids();
  await site.compile({
    ...producer,
    'talk/producer-for': 'listen\n',
    ...consumer('listen', 'talk'),
    ...daemon('db', [], { run: '#!/bin/sh\n# two\nexec sleep 1000000\n' }),
  });
  await site.must('rc-update');
  const after = await site.pids();
  expect([after.get('talk'), after.get('listen')]).toEqual([before.get('talk'), before.get('hear')]);
  expect(after.get('db')).not.toBe(before.get('db'));
  const read = () => readFileSync(lines, 'utf8').split('\n').slice(0, -1).map(Number);
  const then = read().length;
  await eventually('more lines come', () => read().length > then + 20);
  expect(read()).toEqual(read().map((_, index) => index + 1));
});

test('a time limit before the swap undoes, after it only tells', async () => {
  const slow = { ...base, ...oneshot('slow', 'true\n', { down: 'sleep 2\n' }) };
  await site.boot(slow, ['web', 'slow']);
  await site.compile({ ...base, ...daemon('db', [], { run: '#!/bin/sh\n# two\nexec sleep 1000000\n' }) });
  expect(site.run('rc-update', '-t', '200').status).toBe(10);
  expect(await site.up()).toEqual(['db', 'slow', 'web']);
  const late = { ...base, ...oneshot('late', 'sleep 1000\n'), ...daemon('web', ['db', 'late']) };
  await site.compile({ ...late, ...oneshot('slow', 'true\n', { down: 'sleep 2\n' }) });
  expect(site.run('rc-update', '-t', '10s').status).toBe(2);
  expect(JSON.parse(site.run('rc-db', '-l', site.live, 'list', '--json').stdout).services).toContain('late');
});

test('--restart says what changed content does', async () => {
  await site.boot(base, ['web', 'prepare']);
  const before = await site.pids();
  const two = { ...base, ...daemon('db', [], { run: '#!/bin/sh\n# two\nexec sleep 1000000\n' }) };
  await site.compile(two);
  await site.must('rc-update', '--restart', 'never');
  expect(await site.pids()).toEqual(before);
  expect((await site.services()).filter(({ stale }) => stale).map(({ name }) => name)).toEqual(['db']);
  await site.must('rc-update');
  const after = await site.pids();
  expect(after.get('db')).not.toBe(before.get('db'));
  expect((await site.services()).some(({ stale }) => stale)).toBe(false);
  await site.must('rc-update', '--restart', 'all');
  expect((await site.pids()).get('web')).not.toBe(after.get('web'));
});

test('what its supervisor has started again since an update runs as that update defined it', async () => {
  await site.boot(base, ['db']);
  const two = { ...base, ...daemon('db', [], { run: '#!/bin/sh\n# two\nexec sleep 1000000\n' }) };
  await site.compile(two);
  await site.must('rc-update', '--restart', 'never');
  const isStale = async () => (await site.services()).find(({ name }) => name === 'db')!.stale;
  expect(await isStale()).toBe(true);
  const { db: before } = Object.fromEntries(await site.pids());
  process.kill(before!, 'SIGKILL');
  const again = await eventually('another process', async () => {
    const now = (await site.pids()).get('db');
    return now === before ? undefined : now;
  });
  expect([await isStale(), site.run('rc-diff').status]).toEqual([false, 0]);
  await site.must('rc-update');
  expect((await site.pids()).get('db')).toBe(again);
  // It runs on the second definition, though Muster itself started it from the first.
  await site.must('rc-update', '--rollback');
  expect((await site.pids()).get('db')).not.toBe(again);
});

test('a plan that is not one, is for another machine, or was edited is refused', async () => {
  await site.boot(base, ['web', 'prepare']);
  await site.compile(changed);
  const file = join(site.root, 'plan');
  const plan = site.run('rc-diff', '--plan').stdout;
  const apply = (text: string) => {
    writeFileSync(file, text);
    return site.run('rc-update', '--plan', file);
  };
  expect(apply('no').status).toBe(4);
  const edited = JSON.parse(plan);
  expect(apply(JSON.stringify({ ...edited, transitions: [] })).status).toBe(5);
  const spared = apply(JSON.stringify({ ...edited, restart: [] }));
  expect([spared.status, spared.stderr]).toEqual([5, expect.stringContaining("its 'restart' is not what")]);
  const moved = apply(JSON.stringify({ ...edited, base: { ...edited.base, up: ['db'] } }));
  expect([moved.status, moved.stderr]).toEqual([5, expect.stringContaining('web is up and was not')]);
  expect(site.run('rc-update', '--plan', file, '-e').status).toBe(100);
  const { version, kind, ...others } = edited;
  expect(apply(JSON.stringify({ ...others, kind, version })).status).toBe(0);
});

test('a tree that is killed while an update waits for a script is started again, and the update goes on', async () => {
  const [runs, go] = ['runs', 'go'].map((name) => join(site.root, name));
  const slow = oneshot('slow', 'true\n', {
    down: `sh -c "touch ${runs}; while ! [ -e ${go} ]; do sleep 0.02; done"\n`,
  });
  await site.boot({ ...base, ...slow }, ['web', 'slow']);
  await site.compile({ ...base, ...daemon('web', ['db'], { run: '#!/bin/sh\n# two\nexec sleep 1000000\n' }) });
  const { db } = Object.fromEntries(await site.pids());
  const update = site.runAside('rc-update');
  await eventually('the script runs', () => existsSync(runs!));
  const [tree] = site.trees();
  process.kill(tree!, 'SIGKILL');
  await eventually('another tree', () => site.trees().some((pid) => pid !== tree));
  writeFileSync(go!, '');
  expect(await update).toMatchObject({ status: 0 });
  expect(await site.up()).toEqual(['db', 'web']);
  expect((await site.pids()).get('db')).toBe(db);
});

test('a command inside a script that an update waits for is told so, at once; and so is an update inside a change', async () => {
  const told = (name: string) => join(site.root, `told-${name}`);
  const calls = (name: string, command: string): Tree =>
    oneshot(name, `sh -c "${command} 2> ${told(name)}; echo exit $? >> ${told(name)}"\n`);
  const started = { ...base, ...calls('updates', `${site.command('rc-update')} -l ${site.live} ${site.compiled}`) };
  await site.boot(started, ['web']);
  await site.must('rc-change', 'updates');
  expect(readFileSync(told('updates'), 'utf8')).toMatch(
    /rc-change updates .* waits for updates, inside of which.*\nexit 5\n$/,
  );
  await site.compile({
    ...started,
    ...calls('changes', `${site.command('rc-change')} -l ${site.live} db`),
    ...daemon('web', ['db', 'changes']),
  });
  await site.must('rc-update');
  expect(readFileSync(told('changes'), 'utf8')).toMatch(/rc-update .* waits for changes, inside of which.*\nexit 5\n$/);
});
