/** Commands that meet locks of others, who do not let go: stopped ones, and such as mean it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { processFacts } from '@muster/posix/process';
import { eventually } from '@muster/posix/test/eventually';
import { describe, expect, test } from 'vitest';
import { daemon, oneshot } from '../update/definitions.ts';
import type { TestSite } from '../update/test-site.ts';
import { bootingSites } from './booting-sites.ts';

const siteWith = bootingSites();

const SLOW = { ...daemon('slow', [], { 'notification-fd': '3\n' }), ...daemon('web'), ...daemon('top', ['slow']) };

interface Aside {
  readonly child: ChildProcess;
  readonly pid: number;
  heard(): string;
  readonly ended: Promise<number | string | null>;
}

function aside(site: TestSite, command: string, ...args: string[]): Aside {
  const told = join(site.root, `told-${command}-${Math.random()}`);
  const out = openSync(told, 'w');
  const child = spawn(site.command(command), args, { env: site.environment, stdio: ['ignore', out, out] });
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('exit', (status, signal) => resolve(status ?? signal));
  });
  return { child, pid: child.pid!, heard: () => readFileSync(told, 'utf8'), ended };
}

async function stop({ child, pid }: Aside): Promise<void> {
  child.kill('SIGSTOP');
  await eventually('it is stopped', () => processFacts(pid)?.stopped);
}

/** It has begun to start `slow`, which never gets ready, and is stopped. */
async function stoppedChange(site: TestSite, ...args: string[]): Promise<Aside> {
  const change = aside(site, 'rc-change', '--json', ...args, 'slow');
  await eventually('it has begun', () => change.heard().includes('"starting"'));
  await stop(change);
  return change;
}

/** It waits for the `down` of a script, and is stopped. */
async function stoppedUpdate(): Promise<{ site: TestSite; update: Aside }> {
  const hangs = (down: string) => oneshot('hangs', 'true\n', { down, 'timeout-down': '1000000\n' });
  const site = await siteWith({ ...SLOW, ...hangs(`sh -c "echo down >>$ORDER_LOG; exec sleep 1000000"\n`) });
  await site.must('rc-change', 'hangs', 'web');
  await site.compile(SLOW);
  const update = aside(site, 'rc-update');
  await eventually('the script runs', () => site.log().includes('down'));
  await stop(update);
  return { site, update };
}

const held = (by: string, { pid }: Aside) => `${by} (pid ${pid}), which is stopped`;

describe('a limit of time counts while another command is waited for, and it is named', () => {
  test('one that changes something', async () => {
    const site = await siteWith(SLOW);
    const change = await stoppedChange(site);
    const name = held('rc-change --json slow', change);
    for (const args of [['-d', 'slow'], ['top'], ['--restart', 'slow']]) {
      const { status, stderr } = await site.runAside('rc-change', '-t', '200', ...args);
      expect(status, stderr).toBe(2);
      expect(stderr).toContain(`busy     slow is held by ${name}`);
    }
    const json = await site.runAside('rc-change', '-t', '200', '--json', '-d', 'slow');
    expect(JSON.parse(json.stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({
      end: 'timed-out',
      awaited: [{ service: 'slow', on: 'slow', holder: name }],
    });
    for (const command of ['rc-update', 'rc-reload']) {
      const { status, stderr } = await site.runAside(command, '-t', '200');
      expect(status, stderr).toBe(2);
      expect(stderr).toContain(`time ran out while ${name} kept the database: nothing was done`);
    }
  });

  test('one that updates', async () => {
    const { site, update } = await stoppedUpdate();
    for (const [command, ...args] of [
      ['rc-change', '-d', 'web'],
      ['rc-update'],
      ['rc-reload'],
      ['rc-init', '-c', join(site.live, 'db/database')],
    ]) {
      const { status, stderr } = await site.runAside(command!, '-t', '200', ...args);
      expect(status, stderr).toBe(2);
      expect(stderr).toContain(held('rc-update', update));
    }
  });

  test('one that was killed in the middle of an update that cannot be undone so fast', async () => {
    const { site, update } = await stoppedUpdate();
    update.child.kill('SIGKILL');
    await update.ended;
    const { status, stderr } = await site.runAside('rc-change', '-t', '200', 'web');
    expect(status, stderr).toBe(2);
    expect(stderr).toContain("the interrupted 'rc-update'");
    expect(existsSync(join(site.live, 'journal'))).toBe(true);
  });
});

describe('rc-shutdown needs nobody to let go', () => {
  async function expectAllGone(
    site: TestSite,
    others: readonly Aside[],
    args: readonly string[] = [],
  ): Promise<string> {
    const { stderr } = await site.runAside('rc-shutdown', ...args);
    for (const { ended } of others) expect(await ended).toBe('SIGKILL');
    expect(existsSync(site.live)).toBe(false);
    await eventually('all have ended', () => site.processes().length === 0);
    return stderr;
  }

  test('a stopped rc-change that holds a service', async () => {
    const site = await siteWith(SLOW);
    await site.must('rc-change', 'web');
    const change = await stoppedChange(site);
    const told = await expectAllGone(site, [change]);
    expect(told).toContain(`slow is held by ${held('rc-change --json slow', change)}`);
    expect(told).toMatch(/down +web/);
  });

  test('a stopped rc-update', async () => {
    const { site, update } = await stoppedUpdate();
    const told = await expectAllGone(site, [update], ['-t', '3s']);
    expect(told).toContain(`waiting  for ${held('rc-update', update)}`);
  });

  test('another rc-shutdown that is stopped', async () => {
    const site = await siteWith({ ...daemon('deaf', [], { run: '#!/bin/sh\ntrap "" TERM\nexec sleep 1000000\n' }) });
    await site.must('rc-change', 'deaf');
    const other = aside(site, 'rc-shutdown');
    await eventually('it has begun', () => readFileSync(join(site.live, 'events'), 'utf8').includes('"stopping"'));
    await stop(other);
    const told = await expectAllGone(site, [other], ['-t', '1s']);
    expect(told).toContain(`waiting  for ${held('rc-shutdown', other)}`);
  });

  test('one that holds a service and is deaf to SIGTERM', async () => {
    const site = await siteWith(SLOW);
    const holder = join(import.meta.dirname, '../../../store/test/live/lock-holder.ts');
    const deaf = spawn(
      'sh',
      ['-c', 'trap "" TERM; exec "$@"', 'sh', process.execPath, holder, join(site.live, 'lock')],
      {
        env: site.environment,
        stdio: ['pipe', 'pipe', 'ignore'],
      },
    );
    const ended = new Promise<string | null>((resolve) => deaf.once('exit', (_, signal) => resolve(signal)));
    const answered = new Promise((resolve) => deaf.stdout.once('data', (bytes) => resolve(String(bytes))));
    await site.must('rc-change', 'web');
    // By its number, in the order of names.
    deaf.stdin.write('exclusive 2\n');
    expect(await answered).toBe('true\n');
    await expectAllGone(site, []);
    expect(await ended).toBe('SIGKILL');
  }, 90_000);
});

test('who was stopped meanwhile does nothing to what is in the place of its live directory', async () => {
  const site = await siteWith(SLOW);
  const change = await stoppedChange(site, '-t', '1s');
  renameSync(site.live, join(site.root, 'elsewhere'));
  await site.must('rc-init');
  change.child.kill('SIGCONT');
  expect(await change.ended).toBe(4);
  expect(change.heard()).toContain('error[RC3001]: the live directory was taken away, or made anew');
  expect((await site.services()).map(({ state }) => state)).toEqual(['down', 'down', 'down']);
});

test('rc-shutdown says which stop it waits for, and rc-signal ends that', async () => {
  const site = await siteWith({ ...daemon('web'), ...oneshot('hangs', 'true\n', { down: 'sleep 1000000\n' }) });
  await site.must('rc-change', 'web', 'hangs');
  const shutdown = aside(site, 'rc-shutdown');
  await eventually('it says so', () => shutdown.heard().includes('waiting  for hangs to stop; rc-signal -s KILL NAME'));
  await site.must('rc-signal', '-s', 'KILL', 'hangs');
  expect(await shutdown.ended).toBe(1);
  expect(existsSync(site.live)).toBe(false);
});

test('a signal ends the wait for another command at once', async () => {
  const site = await siteWith(SLOW);
  const change = await stoppedChange(site);
  const name = held('rc-change --json slow', change);
  const waiting = aside(site, 'rc-change', '-d', 'slow');
  await eventually('it waits', () => waiting.heard().includes(`waiting  slow  slow is held by ${name}`));
  waiting.child.kill('SIGINT');
  expect(await waiting.ended).toBe(1);
  expect(waiting.heard()).toContain(`busy     slow is held by ${name}`);
});
