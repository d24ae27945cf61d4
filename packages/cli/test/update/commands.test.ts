/** rc-diff, rc-update and rc-reload as people call them. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFifo } from '@muster/posix/fifo';
import { eventually } from '@muster/supervise/test/eventually';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Tree } from '../compile/trees.ts';
import { TestSite } from './test-site.ts';

let site: TestSite;
beforeEach(() => {
  site = new TestSite();
});
afterEach(() => site.remove());

function daemon(name: string, needs: readonly string[] = [], files: Readonly<Record<string, string>> = {}): Tree {
  const entries: Record<string, Tree[string]> = {
    [`${name}/type`]: 'longrun\n',
    [`${name}/run`]: { text: files.run ?? '#!/bin/sh\nexec sleep 1000000\n', mode: 0o755 },
  };
  for (const [path, text] of Object.entries(files)) if (path !== 'run') entries[`${name}/${path}`] = text;
  for (const need of needs) entries[`${name}/dependencies.d/${need}`] = '';
  return entries;
}

const oneshot = (name: string, up: string, files: Readonly<Record<string, string>> = {}): Tree => ({
  [`${name}/type`]: 'oneshot\n',
  [`${name}/up`]: up,
  ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`${name}/${path}`, text])),
});

const base: Tree = { ...daemon('db'), ...daemon('web', ['db']), ...oneshot('prepare', 'true\n') };
const changed: Tree = {
  ...base,
  ...daemon('web', ['db', 'cache'], { run: '#!/bin/sh\n# two\nexec sleep 1000000\n' }),
  ...daemon('cache'),
};

test('nothing differs after a boot, and an update has nothing to do', async () => {
  await site.boot(base, ['web', 'prepare']);
  expect(site.run('rc-diff')).toEqual({ status: 0, stdout: '', stderr: '' });
  const before = await site.pids();
  expect(site.run('rc-update').status).toBe(0);
  expect(await site.pids()).toEqual(before);
});

test('rc-diff shows three ways, and what an update would do and why', async () => {
  await site.boot(base, ['web', 'prepare']);
  await site.compile(changed);
  site.write({ ...changed, ...daemon('extra') });
  const { status, stdout } = site.run('rc-diff', '--content');
  expect(status).toBe(1);
  expect(stdout).toBe(
    `source, not compiled yet:
  + extra  added
compiled, not live yet:
  + cache  added
  ~ web    dependencies +cache, run
    --- a/web/run
    +++ b/web/run
    @@ -1,2 +1,3 @@
     #!/bin/sh
    +# two
     exec sleep 1000000
rc-update would:
  stop    web    needs cache now, which is not up
  ------  the new database becomes the live one
  start   cache  web needs it
  start   web    needs cache now, which is not up
  1 service restarts, 1 starts, 2 keep running
`,
  );
  const data = JSON.parse(site.run('rc-diff', '--json').stdout);
  expect(data).toMatchObject({
    version: 1,
    sourceCompiled: [{ service: 'extra', kind: 'added', fields: [], action: null }],
    compiledLive: [
      { service: 'cache', kind: 'added', action: 'start', reason: 'web needs it' },
      {
        service: 'web',
        kind: 'changed',
        action: 'restart',
        fields: [
          { name: 'dependencies', from: ['db'], to: ['cache', 'db'] },
          { name: 'run', to: '#!/bin/sh\n# two\nexec sleep 1000000\n' },
        ],
      },
    ],
    liveObserved: [],
  });
});

test('rc-diff compares any two of source, compiled and live', async () => {
  await site.boot(base, []);
  site.write(changed);
  expect(site.run('rc-diff', site.compiled, site.live)).toMatchObject({ status: 0, stdout: '' });
  const { status, stdout } = site.run('rc-diff', site.live, site.source);
  expect([status, stdout]).toEqual([1, '  + cache  added\n  ~ web    dependencies +cache, run\n']);
  expect(site.run('rc-diff', site.live, join(site.root, 'nothing')).status).toBe(4);
  expect(site.run('rc-diff', site.live).status).toBe(100);
});

test('rc-diff sees what died for good, what somebody else started, and what is stale', async () => {
  const tree = {
    ...base,
    ...daemon('once', [], { run: '#!/bin/sh\nexit 3\n', restart: 'never\n', 'ready-after': '0\n' }),
    ...daemon('hand'),
    ...daemon('kept', [], { 'on-update': 'keep\n' }),
  };
  await site.boot(tree, ['web', 'kept']);
  const control = (name: string) => join(site.live, 'services', name, 'supervise/control');
  expect(writeFifo(control('hand'), Buffer.from('u'))).toBe('written');
  expect(writeFifo(control('web'), Buffer.from('d'))).toBe('written');
  await eventually('both have moved', async () => {
    const states = new Map((await site.services()).map(({ name, pid }) => [name, pid]));
    return states.get('web') === null && states.get('hand') !== null;
  });
  await site.must('rc-change', 'prepare');
  await site.compile({
    ...tree,
    ...daemon('kept', [], { 'on-update': 'keep\n', 'data/new': '' }),
    ...oneshot('prepare', 'true two\n'),
  });
  await site.must('rc-update');
  expect((await site.services()).filter(({ stale }) => stale).map(({ name }) => name)).toEqual(['kept']);
  const { status, stdout } = site.run('rc-diff', '--json');
  expect(status).toBe(1);
  expect(JSON.parse(stdout).liveObserved).toMatchObject([
    { service: 'hand', kind: 'started-by-hand' },
    { service: 'kept', kind: 'stale' },
    { service: 'web', kind: 'died', fields: [{ name: 'state', from: 'up', to: 'down' }] },
  ]);
});

test('the compiled file and the source may vanish once they are live', async () => {
  await site.boot(base, ['web', 'prepare']);
  await site.compile(changed);
  await site.must('rc-update');
  rmSync(site.compiled);
  rmSync(site.source, { recursive: true });
  await site.must('rc-change', '--restart', 'web');
  await site.must('rc-update', '--rollback');
  expect(await site.up()).toEqual(['db', 'prepare', 'web']);
  expect(site.run('rc-update').status).toBe(4);
});

test('the last five generations are kept, and can be returned to', async () => {
  await site.boot(base, ['web', 'prepare']);
  for (let n = 1; n <= 6; n++) {
    await site.compile({ ...base, ...oneshot('prepare', `echo ${n}\n`) });
    await site.must('rc-update');
  }
  expect(readdirSync(join(site.live, 'databases'))).toHaveLength(5);
  const script = () => readFileSync(join(site.live, 'services/prepare/up.argv'), 'latin1');
  expect(script()).toBe('echo\x006\x00');
  await site.must('rc-update', '--rollback', '3');
  expect(script()).toBe('echo\x003\x00');
  await site.must('rc-update', '--rollback');
  expect(script()).toBe('echo\x006\x00');
  expect(site.run('rc-update', '--rollback', '9').status).toBe(1);
});

const generation = (number: number): Tree => oneshot('prepare', `true ${number}\n`, { 'on-update': 'keep\n' });

test('going back follows what a conversion file has renamed, also over several generations', async () => {
  await site.boot({ ...daemon('a'), ...daemon('b'), ...generation(1) }, ['a']);
  const { a: pid } = Object.fromEntries(await site.pids());
  const file = join(site.root, 'conversion');
  const rename = async (tree: Tree, conversion: string): Promise<void> => {
    await site.compile(tree);
    writeFileSync(file, conversion);
    await site.must('rc-update', '-f', file);
  };
  await rename({ ...daemon('b'), ...daemon('c'), ...generation(2) }, 'a -> b\nb -> c\n');
  await rename({ ...daemon('d'), ...daemon('c'), ...daemon('b'), ...generation(3) }, 'b -> d\n');
  expect(await site.pids()).toEqual(new Map([['d', pid]]));
  await site.must('rc-update', '--rollback', '2');
  expect([await site.up(), await site.pids()]).toEqual([['a'], new Map([['a', pid]])]);
  await site.must('rc-update', '--rollback');
  expect(await site.pids()).toEqual(new Map([['d', pid]]));
});

test('a plan to go back is one that can be applied', async () => {
  await site.boot({ ...daemon('a'), ...generation(1) }, ['a']);
  const before = await site.pids();
  await site.compile({ ...daemon('z'), ...generation(2) });
  const file = join(site.root, 'conversion');
  writeFileSync(file, 'a -> z\n');
  await site.must('rc-update', '-f', file);
  const plan = site.run('rc-update', '--rollback', '-n', '--json').stdout;
  expect(JSON.parse(plan).options.renames).toEqual([['z', 'a']]);
  writeFileSync(file, plan);
  await site.must('rc-update', '--plan', file);
  expect(await site.pids()).toEqual(before);
});

test('names that are swapped within the same database take what is known of the services along', async () => {
  await site.boot({ ...daemon('a'), ...daemon('b') }, ['a']);
  const { a: pid } = Object.fromEntries(await site.pids());
  const file = join(site.root, 'conversion');
  writeFileSync(file, 'a -> b\nb -> a\n');
  const known = async () =>
    (await site.services()).map(({ name, state, pid, wanted }) => ({ name, state, pid, wanted }));
  const isUp = (name: string) => ({ name, state: 'up', pid, wanted: 'explicit' });
  const isDown = (name: string) => ({ name, state: 'down', pid: null, wanted: 'no' });
  await site.must('rc-update', '-f', file);
  expect(await known()).toEqual([isDown('a'), isUp('b')]);
  expect(site.run('rc-diff').status).toBe(0);
  await site.must('rc-update', '--rollback');
  expect(await known()).toEqual([isUp('a'), isDown('b')]);
  await site.must('rc-change', '-d', 'a');
  expect(site.daemons()).toEqual([]);
});

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

test('rc-reload compiles and updates in one, or does nothing', async () => {
  await site.boot(base, ['web', 'prepare']);
  const compiled = readFileSync(site.compiled);
  site.write({ ...changed, 'web/dependencies.d/ghost': '' });
  const broken = site.run('rc-reload');
  expect([broken.status, broken.stderr]).toEqual([1, expect.stringContaining('ghost')]);
  expect(readFileSync(site.compiled)).toEqual(compiled);
  site.write(changed);
  expect(site.run('rc-reload', '-n').status).toBe(0);
  expect(readFileSync(site.compiled)).toEqual(compiled);
  await site.must('rc-reload');
  expect(await site.up()).toEqual(['cache', 'db', 'prepare', 'web']);
  expect(site.run('rc-diff').status).toBe(0);
});

test('rc-reload that has to be undone leaves the compiled file as it was', async () => {
  await site.boot({ ...base, ...oneshot('stuck', 'true\n', { down: 'false\n' }) }, ['web', 'stuck']);
  const compiled = readFileSync(site.compiled);
  site.write(base);
  const { status, stderr } = site.run('rc-reload');
  expect([status, stderr]).toEqual([9, expect.stringMatching(/did not stop: stuck\n.*everything is as it was/)]);
  expect(readFileSync(site.compiled)).toEqual(compiled);
});

test('a time limit before the swap undoes, after it only tells', async () => {
  const slow = { ...base, ...oneshot('slow', 'true\n', { down: 'sleep 2\n' }) };
  await site.boot(slow, ['web', 'slow']);
  await site.compile({ ...base, ...daemon('db', [], { run: '#!/bin/sh\n# two\nexec sleep 1000000\n' }) });
  expect(site.run('rc-update', '-t', '200').status).toBe(10);
  expect(await site.up()).toEqual(['db', 'slow', 'web']);
  const late = { ...base, ...oneshot('late', 'sleep 30\n'), ...daemon('web', ['db', 'late']) };
  await site.compile({ ...late, ...oneshot('slow', 'true\n', { down: 'sleep 2\n' }) });
  expect(site.run('rc-update', '-t', '300').status).toBe(2);
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
  for (const pid of site.trees()) process.kill(pid, 'SIGKILL');
  await eventually('another tree', () => site.trees().length > 0);
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
