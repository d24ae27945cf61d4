/** A service that runs as another user, and its log: the logger runs as that user too, and root writes nothing there. */
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestSite } from '../update/test-site.ts';

const NOBODY = 65534;
const DAEMON = 1;
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('skipped: services that run as another user, which only root can start');

describe.skipIf(!isRoot)('a service with user and log', () => {
  let site: TestSite;
  let log: string;
  beforeEach(() => {
    site = new TestSite();
    chmodSync(site.root, 0o755);
    log = join(site.root, 'log/web');
  });
  afterEach(() => {
    site.run('rc-shutdown');
    site.remove();
  });

  const web = (more = '') => ({
    'web/type': 'longrun\n',
    // It says something whenever it is told to.
    'web/run': "#!/bin/sh\ntrap 'echo line; wait' HUP\necho begun\nsleep 1000 & while :; do wait; done\n",
    'web/user': `${NOBODY}:${NOBODY}\n`,
    'web/log': `dir ${log}\n${more}`,
  });
  const say = () => site.must('rc-signal', '-s', 'HUP', 'web');
  const lines = () => (existsSync(join(log, 'current')) ? readFileSync(join(log, 'current'), 'utf8').split('\n') : []);
  const userOf = async (name: string) => {
    const { pid } = (await site.services()).find((service) => service.name === name)!;
    return pid === 0 ? null : statSync(`/proc/${pid}`).uid;
  };

  test('has a logger of that user, and a directory that root has made for it', async () => {
    await site.boot(web(), ['web']);
    await eventually('its line', () => lines().some((line) => line.endsWith(' begun')));
    expect(await userOf('web-log')).toBe(NOBODY);
    expect([log, join(log, 'current'), join(log, 'lock')].map((path) => statSync(path).uid)).toEqual([
      NOBODY,
      NOBODY,
      NOBODY,
    ]);
    expect(statSync(join(site.root, 'log')).uid).toBe(0);
    expect(statSync(join(log, 'lock')).mode & 0o777).toBe(0o600);
  });

  test('may have a logger of a user of its own', async () => {
    await site.boot(web(`user ${DAEMON}:${DAEMON}\n`), ['web']);
    await eventually('its line', () => lines().some((line) => line.endsWith(' begun')));
    expect(await userOf('web-log')).toBe(DAEMON);
    expect(statSync(log).uid).toBe(DAEMON);
  });

  test.each(['link', 'hard link'] as const)(
    "writes nothing of root's through a %s, whichever file it replaces",
    async (kind) => {
      const precious = join(site.root, 'precious');
      writeFileSync(precious, 'precious\n', { mode: 0o600 });
      mkdirSync(log, { recursive: true });
      chownSync(log, NOBODY, NOBODY);
      for (const name of ['current', 'lock', 'state'])
        kind === 'link' ? symlinkSync(precious, join(log, name)) : linkSync(precious, join(log, name));
      // Also of a logger that is to be root.
      await site.boot(web('user root\n'), ['web']);
      await eventually('that it says so', () =>
        /cannot write .*: lock is a/.test(site.run('rc-log', 'web-log').stdout),
      );
      expect(readFileSync(precious, 'utf8')).toBe('precious\n');
      expect(site.run('rc-status', '--check').status).toBe(1);
      expect(site.run('rc-status', 'web').stdout).toMatch(/cannot write to .*: lock is a/);
      expect(site.run('rc-why', 'web').stdout).toMatch(/^web is up .*\n {2}cannot write to .*: lock is a/);
      // What was held back is written once nothing is in the way.
      for (const name of ['current', 'lock', 'state']) rmSync(join(log, name));
      await eventually('its line', () => lines().some((line) => line.endsWith(' begun')));
    },
  );

  test('goes on with a log that its logger has written as root until now', async () => {
    mkdirSync(log, { recursive: true });
    for (const name of ['current', 'lock'])
      writeFileSync(join(log, name), name === 'lock' ? '' : 'before\n', { mode: 0o644 });
    await site.boot(web(), ['web']);
    await eventually('its line', () => lines().some((line) => line.endsWith(' begun')));
    expect(lines()[0]).toBe('before');
    expect(await userOf('web-log')).toBe(NOBODY);
  });

  test('has its directory again, and every line, when that was moved away where only root can make one', async () => {
    await site.boot(web(), ['web']);
    await eventually('its line', () => lines().some((line) => line.endsWith(' begun')));
    renameSync(join(site.root, 'log'), join(site.root, 'away'));
    await say();
    await eventually('the line', () => lines().some((line) => line.endsWith(' line')));
    expect(statSync(log).uid).toBe(NOBODY);
    expect(await userOf('web-log')).toBe(NOBODY);
  });
});
