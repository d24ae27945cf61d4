/** rc-events over updates, and to the end of the live directory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { daemon } from '../update/definitions.ts';
import { TestSite } from '../update/test-site.ts';

interface Told {
  readonly event: string;
  readonly service?: string;
  readonly state?: string;
  readonly pid?: number | null;
}

let site: TestSite;
let follower: ChildProcess;
let ended: Promise<number | null>;
beforeEach(async () => {
  site = new TestSite();
  await site.boot({ ...daemon('db'), ...daemon('old') }, ['db']);
  const told = openSync(join(site.root, 'told'), 'w');
  const said = openSync(join(site.root, 'said'), 'w');
  follower = spawn(site.command('rc-events'), ['--json'], { env: site.environment, stdio: ['ignore', told, said] });
  ended = new Promise((resolve) => follower.once('exit', resolve));
});
afterEach(() => {
  follower.kill('SIGKILL');
  site.remove();
});

const told = (): Told[] =>
  readFileSync(join(site.root, 'told'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
const hears = (expected: Told) =>
  eventually(JSON.stringify(expected), () =>
    told().some((event) => Object.entries(expected).every(([key, value]) => event[key as keyof Told] === value)),
  );

test('what an update adds is heard of from then on, what it removes is gone', async () => {
  await hears({ event: 'is', service: 'db', state: 'up' });
  await site.compile({ ...daemon('db'), ...daemon('new') });
  await site.must('rc-update');
  await hears({ event: 'is', service: 'new', state: 'down' });
  await hears({ event: 'gone', service: 'old' });
  await site.must('rc-change', 'new');
  const pid = (await site.pids()).get('new')!;
  await hears({ event: 'is', service: 'new', state: 'up', pid });
  process.kill(pid, 'SIGKILL');
  const again = await eventually('another process', async () => {
    const now = (await site.pids()).get('new');
    return now === pid ? undefined : now;
  });
  await hears({ event: 'is', service: 'new', state: 'up', pid: again });
});

test('it ends with the live directory, says so, and has told the last events', async () => {
  await hears({ event: 'is', service: 'db', state: 'up' });
  await site.must('rc-shutdown');
  expect(await ended).toBe(0);
  expect(readFileSync(join(site.root, 'said'), 'utf8')).toBe(`rc-events: ${site.live} has ended\n`);
  await hears({ event: 'down', service: 'db' });
});

test('a number of an earlier live directory is said to be none of this one', async () => {
  const { status, stdout, stderr } = site.run('rc-events', '--once', '--json', '--since', '999999999');
  expect([status, stderr]).toEqual([0, expect.stringContaining('there is no event 999999999 here')]);
  expect(stdout).toContain('"event":"done"');
});
