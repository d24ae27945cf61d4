/** The commands that look, under every supervisor, on a live directory in which one service failed and another is blocked by it. */
import { spawn } from 'node:child_process';
import { chmodSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { siteUnder } from '../crash/s6-site.ts';
import { kindsHere } from '../end-to-end/supervisors.ts';
import type { TestSite } from '../update/test-site.ts';

const NOBODY = '65534';
const isRoot = process.geteuid!() === 0;
if (!isRoot) console.log('skipped: a user who may only look, whom only root can become');

/** What a daemon writes must not write on the terminal of who asks. */
const SAID = String.raw`cannot open \u{1b}[1mthe spool`;

/** How often it is started, and says so, before it has failed: nothing says how often it may die. */
const STARTS = 4;

const TREE = {
  'disk/type': 'oneshot\n',
  'disk/up': 'true\n',
  'db/type': 'longrun\n',
  'db/run': '#!/bin/sh\necho >&3\nexec 3>&-\nexec sleep 1000000\n',
  'db/notification-fd': '3\n',
  'db/dependencies.d/disk': '',
  'mail/type': 'longrun\n',
  'mail/run': '#!/bin/sh\nprintf "cannot open \\033[1mthe spool\\n" >&2\nexit 3\n',
  'mail/notification-fd': '3\n',
  'mail/dependencies.d/disk': '',
  'list/type': 'longrun\n',
  'list/run': '#!/bin/sh\nexec sleep 1000000\n',
  'list/dependencies.d/mail': '',
  'all/type': 'bundle\n',
  'all/contents.d/db': '',
  'all/contents.d/list': '',
};

describe.each(kindsHere())('on %s', (kind) => {
  let site: TestSite;
  // What s6-svscan and runsvdir do with what a service without logger writes is their own affair.
  const isHeard = kind === 'embedded';

  beforeAll(async () => {
    let initArgs: readonly string[];
    ({ site, initArgs } = await siteUnder(kind));
    await site.compile(TREE);
    await site.must('rc-init', ...initArgs);
    const { status, stderr } = await site.runAside('rc-change', 'all');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^failed +mail +start failed: it exited with 3$/m);
    if (isHeard) expect(stderr.split('\n').map((line) => line.replace(/^ +\| \d\d:\d\d:\d\d /, ''))).toContain(SAID);
    expect(stderr).toMatch(/^skipped +list +\(because of mail\)$/m);
  });
  afterAll(() => site.remove());

  test('rc-list: what is up, what is not, needs and dependents', async () => {
    expect(await site.must('rc-list')).toBe('db\ndisk\nlist\nmail\n');
    expect(await site.must('rc-list', '-d')).toBe('db\ndisk\nlist\nmail\n');
    expect(await site.must('rc-list', '-a')).toBe('db\ndisk\n');
    expect(await site.must('rc-list', '-d', '-a')).toBe('list\nmail\n');
    expect(await site.must('rc-list', 'all')).toBe('db\nlist\n');
    expect(await site.must('rc-list', '--needs', 'list')).toBe('disk\nlist\nmail\n');
    expect(await site.must('rc-list', '--needed-by', 'mail', '--json')).toBe(
      '{"version":1,"services":["list","mail"]}\n',
    );
    expect((await site.runAside('rc-list', 'lisst')).status).toBe(3);
  });

  test('rc-why: who pulled it in, or the way to the cause and what that wrote last', async () => {
    expect(await site.must('rc-why', 'disk')).toMatch(
      /^disk is up since .*\n {2}disk was pulled in by db\n {2}db was asked for\n$/,
    );
    const text = await site.must('rc-why', 'list');
    const said = `    | ${SAID}\n`;
    // runit does not tell when each of them was.
    const each = kind === 'runit' ? '' : ' in TIME, each with exit 3';
    expect(text.replace(/ in [\d.]+ m?s,/, ' in TIME,')).toBe(
      `list is blocked: needs mail\n  mail is failed: start failed: it exited with 3; died ${STARTS} times${each}\n${isHeard ? said.repeat(STARTS) : ''}`,
    );
    const data = JSON.parse(await site.must('rc-why', '--json', 'list'));
    expect(data).toMatchObject({
      version: 1,
      name: 'list',
      state: 'blocked',
      wanted: 'explicit',
      chain: [{ name: 'list' }, { name: 'mail', state: 'failed', lastExit: { code: 3, signal: 0 } }],
      log: isHeard ? Array.from({ length: STARTS }, () => ({ text: 'cannot open \u001b[1mthe spool' })) : [],
    });
    expect((await site.runAside('rc-why', 'all')).status).toBe(100);
  });

  test('rc-log: what a service without a logger wrote, or where that has gone', async () => {
    const { status, stdout, stderr } = await site.runAside('rc-log', 'mail');
    if (isHeard) {
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('the spool');
      return;
    }
    expect([status, stdout]).toEqual([1, '']);
    const tree = { s6: 's6-svscan', runit: 'runsvdir' }[kind as 's6' | 'runit'];
    const where = new RegExp(
      `^rc-log: not shown: mail has no logger, and what it writes goes to the standard output and error of ${tree} ` +
        String.raw`\(pid \d+\): /dev/null, where nobody keeps it; a file log in the definition`,
    );
    expect(stderr).toMatch(where);
    // It would wait for what cannot come.
    const followed = await site.runAside('rc-log', '-f', 'mail');
    expect([followed.status, followed.stderr]).toEqual([1, stderr]);
    const all = await site.runAside('rc-log');
    expect([all.status, all.stderr]).toEqual([0, expect.stringContaining('db, disk, list, mail have no logger')]);
    expect((await site.services()).map((service) => 'log' in service && service.log)).toEqual(Array(4).fill(null));
  });

  test('rc-wait: at once, in vain, and until it comes', async () => {
    expect((await site.runAside('rc-wait', 'db', 'disk')).status).toBe(0);
    expect((await site.runAside('rc-wait', '-t', '50', 'list')).status).toBe(2);
    const down = site.runAside('rc-wait', '-d', '-t', '100s', 'db');
    await site.must('rc-change', '-d', 'db');
    expect((await down).status).toBe(0);
    const ready = site.runAside('rc-wait', '-U', '-t', '100s', 'db');
    await site.must('rc-change', 'db');
    expect((await ready).status).toBe(0);
  });

  test.runIf(isRoot)('who may not change anything may look, and is told what the system refuses', async () => {
    chmodSync(site.root, 0o755);
    const asNobody = (command: string, ...args: string[]) =>
      site.execute('setpriv', ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups', site.command(command), ...args]);
    const looked = await asNobody('rc-status', '--json');
    expect([looked.status, looked.stderr]).toEqual([0, '']);
    expect(JSON.parse(looked.stdout).services).toEqual(await site.services());
    expect((await asNobody('rc-wait', 'db')).status).toBe(0);
    expect(await asNobody('rc-list', '-a')).toMatchObject({ status: 0, stdout: 'db\ndisk\n' });
    expect(await asNobody('rc-signal', 'db')).toMatchObject({
      status: 111,
      stderr: expect.stringMatching(/kill db \(pid \d+\): operation not permitted \(EPERM\)/),
    });
  });

  test('rc-signal: to the process, which its supervisor starts again', async () => {
    const before = (await site.pids()).get('db');
    const { sent } = JSON.parse(await site.must('rc-signal', '-s', 'kill', '--json', 'db'));
    expect(sent).toEqual([{ service: 'db', pid: before }]);
    expect((await site.runAside('rc-signal', 'disk')).status).toBe(1);
    expect((await site.runAside('rc-signal', '-s', 'nonsense', 'db')).status).toBe(100);
    await eventually('another db', async () => ![undefined, before].includes((await site.pids()).get('db')));
    expect((await site.runAside('rc-wait', '-t', '100s', 'db')).status).toBe(0);
  });

  test('rc-events: a snapshot, then everything after a number', async () => {
    const lines = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    const snapshot = lines(await site.must('rc-events', '--once', '--json'));
    expect(snapshot.map(({ event, service }) => `${event} ${service}`)).toEqual([
      'is db',
      'is disk',
      'is list',
      'is mail',
    ]);
    const { seq } = snapshot[0];
    await site.must('rc-change', '--restart', 'db');
    const events = lines(await site.must('rc-events', '--once', '--json', '--since', String(seq)));
    expect(events.map(({ event }) => event)).toEqual(['change', 'stopping', 'down', 'starting', 'ready', 'done']);
    for (const event of events) expect(event.seq).toBeGreaterThan(seq);
    const rest = lines(await site.must('rc-events', '--once', '--json', '--since', String(events[3].seq)));
    expect(rest.map(({ event }) => event)).toEqual(['ready', 'done']);
  });

  test('rc-events follows: a daemon that dies by itself is seen, too', async () => {
    const told = join(site.root, 'told');
    const follower = spawn(join(site.environment.MUSTER_BUILD, 'rc-events'), ['--json', '--since', '0'], {
      env: site.environment,
      stdio: ['ignore', openSync(told, 'w'), 'ignore'],
    });
    const heard = () => readFileSync(told, 'utf8');
    await eventually('what happened before', () => heard().includes('"done"'));
    const before = (await site.pids()).get('db');
    await site.must('rc-signal', '-s', 'KILL', 'db');
    // The states in between may be over before anybody looks.
    const again = await eventually('its return', async () => {
      const now = (await site.pids()).get('db');
      return now === before ? undefined : now;
    });
    await eventually('what is seen of it', () => heard().includes(`"pid":${again}}`));
    follower.kill('SIGTERM');
    await new Promise((resolve) => follower.once('exit', resolve));
  });

  test('rc-timeline: the boot, with its critical chain, as text, data and picture', async () => {
    const data = JSON.parse(await site.must('rc-timeline', '--boot', '--json'));
    expect(data.command).toBe('rc-change all');
    expect(data.steps.map(({ service, how }: { service: string; how: string }) => `${service} ${how}`)).toEqual([
      'disk up',
      'db ready',
      'mail failed',
    ]);
    expect(data.critical[0]).toBe('disk');
    expect(await site.must('rc-timeline', '--boot')).toMatch(/^disk \* .*█?/m);
    const svg = await site.must('rc-timeline', '--boot', '-f', 'svg');
    expect(svg).toMatch(/^<svg [^>]*viewBox=/);
    expect(svg.match(/<title>/g)).toHaveLength(3);
  });
});
