/** The commands that look for long, over updates, and to the end of the live directory. rc-events: events.test.ts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from '@muster/posix/absence';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bootingSites } from '../change/booting-sites.ts';
import { daemon } from '../update/definitions.ts';
import type { TestSite } from '../update/test-site.ts';

const siteWith = bootingSites();
const never = (name: string) => daemon(name, [], { 'notification-fd': '3\n' });
const says = (name: string, words: string, files = {}) =>
  daemon(name, [], { run: `#!/bin/sh\necho ${words}\nexec sleep 1000000\n`, ...files });

let site: TestSite;
let looker: ChildProcess;
let ended: Promise<number | null>;
beforeEach(async () => {
  site = await siteWith({ ...says('db', 'from db'), ...never('old'), ...never('odd') });
  await site.must('rc-change', 'db');
});
afterEach(() => looker.kill('SIGKILL'));

const read = (name: string) => readFileSync(join(site.root, name), 'utf8');

function begin(command: string, ...args: string[]): void {
  const [told, said] = ['told', 'said'].map((name) => openSync(join(site.root, name), 'w'));
  looker = spawn(site.command(command), args, { env: site.environment, stdio: ['ignore', told, said] });
  ended = new Promise((resolve) => looker.once('exit', resolve));
}

/** Nothing shows that it waits but that it watches the live directory. */
async function beginWaiting(...args: string[]): Promise<void> {
  begin('rc-wait', ...args);
  const inode = statSync(site.live).ino.toString(16);
  await eventually('it watches', () => watchedBy(looker.pid!).includes(` ino:${inode} `));
}

/** What the kernel tells of its descriptors for inotify. */
function watchedBy(pid: number): string {
  return namesIn(`/proc/${pid}/fdinfo`)
    .map((name) => {
      try {
        return readFileSync(`/proc/${pid}/fdinfo/${name}`, 'utf8');
      } catch {
        return '';
      }
    })
    .join('');
}

describe('rc-wait', () => {
  test('goes on in the new database, where the same service has another number', async () => {
    await beginWaiting('old');
    await site.compile({ ...daemon('db'), ...daemon('another'), ...daemon('old') });
    await site.must('rc-update');
    await site.must('rc-change', 'old');
    expect(await ended).toBe(0);
  });

  test('a name that an update has taken away is said', async () => {
    await beginWaiting('--json', 'old', 'odd');
    await site.compile({ ...daemon('db'), ...never('odd') });
    await site.must('rc-update');
    expect(await ended).toBe(3);
    expect(read('said')).toContain('rc-wait: there is no service or bundle old');
    expect(JSON.parse(read('told'))).toEqual({ version: 1, ok: false, late: ['odd'], gone: ['old'] });
  });

  test('what an update removes is down', async () => {
    await beginWaiting('-d', 'db');
    await site.compile({ ...never('old'), ...never('odd') });
    await site.must('rc-update');
    expect(await ended).toBe(0);
  });

  test('ends with the live directory, and says so', async () => {
    await beginWaiting('old');
    await site.must('rc-shutdown');
    expect(await ended).toBe(1);
    expect(read('said')).toBe(`rc-wait: ${site.live} has ended; not ready: old\n`);
  });

  test('what has ended with the live directory is down', async () => {
    await beginWaiting('-d', 'db');
    await site.must('rc-shutdown');
    expect(await ended).toBe(0);
  });
});

describe('rc-log -f', () => {
  test('shows what services write that an update has added, in its logs and elsewhere', async () => {
    begin('rc-log', '-f');
    await eventually('what was there', () => read('told').includes('from db'));
    const log = join(site.root, 'log');
    await site.compile({
      ...says('db', 'from db'),
      ...says('apart', 'from apart', { log: `dir ${log}\n` }),
      ...says('new', 'from new'),
    });
    await site.must('rc-update');
    await site.must('rc-change', 'apart', 'new');
    await eventually('both', () => /from apart/.test(read('told')) && /from new/.test(read('told')));
    await site.must('rc-shutdown');
    expect(await ended).toBe(0);
    expect(read('said').endsWith(`rc-log: ${site.live} has ended\n`)).toBe(true);
    expect(
      read('told')
        .match(/from \w+$/gm)!
        .sort(),
    ).toEqual(['from apart', 'from db', 'from new']);
  });

  test('says which of its names an update has taken away, and ends when there is none left', async () => {
    begin('rc-log', '-f', 'db', 'old');
    await eventually('what was there', () => read('told').includes('from db'));
    await site.compile({ ...says('db', 'from db') });
    await site.must('rc-update');
    await eventually('that it is gone', () => read('said').includes('there is no service or bundle old'));
    await site.compile({ ...daemon('another') });
    await site.must('rc-update');
    expect(await ended).toBe(3);
    expect(read('said')).toContain('there is no service or bundle db');
  });
});

test('rc-status --watch shows what an update has added, and ends with the live directory', async () => {
  begin('rc-status', '--watch', '--json');
  await eventually('what there is', () => read('told').includes('"db"'));
  await site.compile({ ...daemon('db'), ...daemon('new') });
  await site.must('rc-update');
  await eventually('what is new', () => read('told').includes('"new"'));
  await site.must('rc-shutdown');
  expect(await ended).toBe(0);
  expect(read('said')).toContain(`rc-status: ${site.live} has ended\n`);
});
