/** rc-diff as people call it. */
import { join } from 'node:path';
import { writeFifo } from '@muster/posix/fifo';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { base, changed, daemon, oneshot } from './definitions.ts';
import { TestSite } from './test-site.ts';

let site: TestSite;
beforeEach(() => {
  site = new TestSite();
});
afterEach(() => site.remove());

test('nothing differs after a boot, and an update has nothing to do', async () => {
  await site.boot(base, ['web', 'prepare']);
  expect(site.run('rc-diff')).toEqual({ status: 0, stdout: '', stderr: '' });
  const before = await site.pids();
  expect(site.run('rc-update').status).toBe(0);
  expect(await site.pids()).toEqual(before);
});

test('a template that has changed, and no instance of it, is no step; what is live has it all the same', async () => {
  await site.boot({ ...base, ...oneshot('idle@', 'echo one') }, ['web', 'prepare']);
  const before = await site.pids();
  await site.compile({ ...base, ...oneshot('idle@', 'echo two') });
  expect(site.run('rc-diff')).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(JSON.parse(site.run('rc-update', '-n', '--json').stdout).transitions).toEqual([]);
  expect(site.run('rc-update').status).toBe(0);
  expect(await site.pids()).toEqual(before);
  const shown = JSON.parse(await site.must('rc-db', '-l', site.live, 'show', '--json', 'idle@'));
  expect(shown).toMatchObject({ type: 'template', up: ['echo', 'two'], instances: [] });
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
  // `web` is wanted, and not up.
  expect(site.run('rc-update').status).toBe(1);
  expect((await site.services()).filter(({ stale }) => stale).map(({ name }) => name)).toEqual(['kept']);
  const { status, stdout } = site.run('rc-diff', '--json');
  expect(status).toBe(1);
  expect(JSON.parse(stdout).liveObserved).toMatchObject([
    { service: 'hand', kind: 'started-by-hand' },
    { service: 'kept', kind: 'stale' },
    { service: 'web', kind: 'died', fields: [{ name: 'state', from: 'up', to: 'down' }] },
  ]);
});

test('rc-diff shows where a link led and where it leads, rc-db shows it, and the update that restarts for it is told', async () => {
  const tree = (target: string) => ({ ...base, 'db/data/conf': { link: target } });
  await site.boot(tree('old.conf'), ['db']);
  await site.compile(tree('new.conf'));
  const short = site.run('rc-diff');
  expect([short.status, short.stdout]).toEqual([
    1,
    `compiled, not live yet:
  ~ db  data/conf -> old.conf → -> new.conf
rc-update would:
  stop    db  its definition changed
  ------  the new database becomes the live one
  start   db  its definition changed
  1 service restarts
`,
  ]);
  expect(site.run('rc-diff', '--content').stdout).toContain('    --> old.conf\n    +-> new.conf\n');
  const { compiledLive } = JSON.parse(site.run('rc-diff', '--json').stdout);
  expect(compiledLive[0].fields).toEqual([{ name: 'data/conf', from: '-> old.conf', to: '-> new.conf' }]);
  expect(site.run('rc-db', '-c', site.compiled, 'show', 'db').stdout).toMatch(/links data\/conf -> new\.conf$/m);
  const shown = JSON.parse(site.run('rc-db', '-c', site.compiled, 'show', '--json', 'db').stdout);
  expect(shown.supervision.links).toEqual({ 'data/conf': 'new.conf' });
});

test('rc-diff exits with 1 whenever an update would do something', async () => {
  const prepare = (words: string) => oneshot('prepare', `${words}\n`, { 'on-update': 'rerun\n' });
  await site.boot({ ...base, ...prepare('true') }, ['prepare']);
  await site.compile({ ...base, ...prepare('true again') });
  await site.must('rc-update', '--restart', 'never');
  const { status, stdout } = site.run('rc-diff');
  expect([status, stdout]).toEqual([1, expect.stringMatching(/^rc-update would:\n {2}stop +prepare/)]);
});
