/** What is not for everybody in a source is so in nothing that is made of it. */
import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOUNDED } from '@muster/posix/test/bounded';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EXIT } from '../../src/exit-codes.ts';
import type { Tree } from '../compile/trees.ts';
import { daemon } from '../update/definitions.ts';
import { TestSite } from '../update/test-site.ts';

const SECRET = 'open-sesame';
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('skipped: only root can become somebody else');

const secret = (text = SECRET) => ({ text: `${text}\n`, mode: 0o600 });

const KEYS: Tree = {
  ...daemon('web', [], {
    run: '#!/bin/sh\nprintf %s "$KEY" | wc -c >"$ORDER_LOG"\nexec sleep 1000000\n',
    'flag-env': '',
  }),
  'web/env/KEY': secret(),
  'web/data/open': 'for everybody\n',
  'web/data/deep/key': secret(),
};

let site: TestSite;
beforeEach(() => {
  site = new TestSite();
  chmodSync(site.root, 0o755);
});
afterEach(() => site.remove());

function permissions(path: string): number {
  return statSync(path).mode & 0o777;
}

/** Regular files below `directory` that others can get to and read. */
function open(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    const stats = lstatSync(path);
    if (stats.isDirectory()) return (stats.mode & 0o001) === 0 ? [] : open(path);
    return stats.isFile() && (stats.mode & 0o004) !== 0 ? [path] : [];
  });
}

function leaking(): string[] {
  return open(site.root).filter(
    (path) => !path.startsWith(site.source) && readFileSync(path, 'latin1').includes(SECRET),
  );
}

/** Makes a source and a live directory of it whose definitions hold SECRET, each in another way. */
const KINDS: readonly (readonly [what: string, tree: Tree, narrow: (source: string) => void])[] = [
  ['a file of env and data', KEYS, () => {}],
  ['a directory', { ...daemon('web'), 'web/data/keys/one': SECRET }, (at) => chmodSync(`${at}/web/data/keys`, 0o700)],
  [
    'a run',
    { 'web/type': 'longrun\n', 'web/run': { text: `#!/bin/sh\n# ${SECRET}\nexec sleep 1000000\n`, mode: 0o700 } },
    () => {},
  ],
  ['a oneshot', { 'web/type': 'oneshot\n', 'web/up': secret(`true ${SECRET}`) }, () => {}],
  ['a script', { 'web/type': 'oneshot\n', 'web/up': { text: `#!/bin/sh\n# ${SECRET}\n`, mode: 0o700 } }, () => {}],
  [
    'a setting',
    { ...daemon('web'), 'web/limits': { text: 'nofile 1000\n', mode: 0o600 }, 'web/description': SECRET },
    () => {},
  ],
  ['a definition', { ...daemon('web'), 'web/data/key': SECRET }, (at) => chmodSync(`${at}/web`, 0o700)],
  ['a source', { ...daemon('web'), 'web/data/key': SECRET }, (at) => chmodSync(at, 0o700)],
  [
    'a definition that is one file',
    {
      'web.service.toml': {
        text: `type = "longrun"\nrun = '''#!/bin/sh\n# ${SECRET}\nexec sleep 1000000\n'''\n`,
        mode: 0o600,
      },
    },
    () => {},
  ],
  [
    'a bundle',
    { ...daemon('web'), 'all/type': 'bundle\n', 'all/contents.d/web': '', 'all/description': secret() },
    () => {},
  ],
];

test.each(KINDS)('%s that is for its owner alone stays so wherever it is copied', async (_, tree, narrow) => {
  const write = (more: Tree = {}) => {
    site.write({ ...tree, ...more });
    narrow(site.source);
  };
  write();
  await site.must('rc-compile', site.source, site.compiled);
  expect(permissions(site.compiled)).toBe(0o600);
  await site.must('rc-init');
  await site.must('rc-change', 'web');
  expect(leaking()).toEqual([]);
  write(daemon('other'));
  await site.must('rc-reload');
  await site.must('rc-change', 'other');
  expect(leaking()).toEqual([]);
  expect(permissions(site.compiled)).toBe(0o600);
  await site.must('rc-update', '--rollback');
  expect(leaking()).toEqual([]);
  for (const hash of readdirSync(join(site.live, 'databases')))
    expect(permissions(join(site.live, 'databases', hash, 'database'))).toBe(0o600);
});

test('modes are kept, what is for everybody stays so, and a key is known to its service alone', async () => {
  await site.boot({ ...KEYS, ...daemon('other') }, ['web']);
  const web = join(site.live, 'services/web');
  expect(permissions(join(web, 'env/KEY'))).toBe(0o600);
  expect(permissions(join(web, 'data/deep/key'))).toBe(0o600);
  expect(permissions(join(web, 'data/open'))).toBe(0o644);
  expect(permissions(join(web, 'run.user'))).toBe(0o755);
  expect(permissions(join(site.live, 'services/other/run'))).toBe(0o755);
  await eventually('the key to be known', () => site.log()[0] === String(SECRET.length));
});

test('an update that only narrows or widens a file does so in the live directory', async () => {
  const key = (mode: number): Tree => ({ ...daemon('web'), 'web/data/keys/one': { text: SECRET, mode } });
  await site.boot(key(0o644), ['web']);
  expect(leaking()).not.toEqual([]);
  expect(permissions(site.compiled)).toBe(0o644);
  site.write(key(0o644));
  chmodSync(join(site.source, 'web/data/keys'), 0o700);
  await site.must('rc-reload');
  expect(permissions(join(site.live, 'services/web/data/keys'))).toBe(0o700);
  expect(permissions(site.compiled)).toBe(0o600);
  site.write(key(0o644));
  await site.must('rc-reload');
  expect(permissions(join(site.live, 'services/web/data/keys'))).toBe(0o755);
});

test('a compiled file that its owner keeps to himself is not made wider, nor are its copies', async () => {
  site.write(daemon('web'));
  writeFileSync(site.compiled, '', { mode: 0o600 });
  await site.must('rc-compile', site.source, site.compiled);
  expect(permissions(site.compiled)).toBe(0o600);
  await site.must('rc-init');
  const [hash] = readdirSync(join(site.live, 'databases'));
  expect(permissions(join(site.live, 'databases', hash!, 'database'))).toBe(0o600);
  site.write(daemon('other'));
  await site.must('rc-reload');
  expect(permissions(site.compiled)).toBe(0o600);
});

test('a set-uid bit does not go with a copy, which belongs to somebody else', async () => {
  await site.boot({ ...daemon('web'), 'web/data/tool': { text: 'x', mode: 0o4755 } }, []);
  expect(statSync(join(site.live, 'services/web/data/tool')).mode & 0o7777).toBe(0o755);
});

test.skipIf(!isRoot)(
  'others are told that they may not look, and a service runs as its user all the same',
  async () => {
    const run = { text: '#!/bin/sh\nid -u >"$ORDER_LOG"\nexec sleep 1000000\n', mode: 0o700 };
    site.write({ 'web/type': 'longrun\n', 'web/run': run, 'web/user': `${NOBODY}:${NOBODY}\n` });
    await site.must('rc-compile', site.source, site.compiled);
    await site.must('rc-init');
    writeFileSync(site.environment.ORDER_LOG, '');
    chmodSync(site.environment.ORDER_LOG, 0o666);
    await site.must('rc-change', 'web');
    await eventually('its user to be known', () => site.log()[0] === String(NOBODY));
    const asNobody = (command: string, ...args: string[]) =>
      spawnSync(site.command(command), args, {
        ...BOUNDED,
        env: site.environment,
        uid: NOBODY,
        gid: NOBODY,
        encoding: 'utf8',
      });
    for (const command of ['rc-status', 'rc-list', 'rc-why']) {
      const { status, stdout, stderr } = asNobody(command, ...(command === 'rc-why' ? ['web'] : []));
      expect(stderr, command).toContain('error[RC3006]: you may not read the database');
      expect(stderr, command).toContain('hint: ask as the user who owns it');
      expect({ status, stdout }, command).toEqual({ status: EXIT.invalid, stdout: '' });
    }
    const { status, stderr } = asNobody('rc-db', 'list');
    expect(stderr).toContain(`rc-db: ${site.compiled}: you may not read the database`);
    expect(status).toBe(EXIT.systemCall);
  },
);
