/** Orders that a stopped supervisor has not read when the command that gave them gives up. */
import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processFacts } from '@muster/posix/process';
import { eventually } from '@muster/posix/test/eventually';
import { describe, expect, test } from 'vitest';
import { daemon, oneshot } from '../update/definitions.ts';
import type { TestSite } from '../update/test-site.ts';
import { bootingSites } from './booting-sites.ts';

const siteWith = bootingSites();

const note = (word: string) => `sh -c "echo ${word} >>$ORDER_LOG"\n`;
const BASE = {
  ...daemon('web'),
  ...oneshot('script', note('up'), { down: note('down') }),
  ...daemon('last'),
};

async function stopTree(site: TestSite): Promise<() => Promise<void>> {
  const [tree] = site.trees();
  process.kill(tree!, 'SIGSTOP');
  await eventually('it is stopped', () => processFacts(tree!)?.stopped);
  return async () => {
    process.kill(tree!, 'SIGCONT');
    // Orders are read in their order: what was there before is done when this one is.
    await site.must('rc-change', '-t', '40s', 'last');
    await site.must('rc-change', '-t', '40s', '-d', 'last');
  };
}

/** A site with `web` and `script` up. */
async function booted(): Promise<{ site: TestSite; web: number }> {
  const site = await siteWith(BASE);
  await site.must('rc-change', 'web', 'script');
  return { site, web: (await site.pids()).get('web')! };
}

async function expectAsItWas({ site, web }: { readonly site: TestSite; readonly web: number }): Promise<void> {
  expect((await site.pids()).get('web')).toBe(web);
  expect(await site.up()).toEqual(['script', 'web']);
  expect(site.log()).toEqual(['up']);
}

const CHANGED = {
  ...BASE,
  ...daemon('web', [], { run: '#!/bin/sh\n# two\nexec sleep 1000000\n' }),
  ...oneshot('script', note('again'), { down: note('down'), 'on-update': 'rerun\n' }),
};

describe('an update that is undone has stopped nothing, also when the tree goes on', () => {
  test.each([['rc-update'], ['rc-reload']])('%s, when its time is over', async (command) => {
    const world = await booted();
    if (command === 'rc-update') await world.site.compile(CHANGED);
    else world.site.write(CHANGED);
    const goOn = await stopTree(world.site);
    const { status, stderr } = await world.site.runAside(command, '-t', '300');
    expect([status, stderr]).toEqual([10, expect.stringContaining('everything is as it was')]);
    expect(stderr).toMatch(/failed +web +stop timed out .*had not read the order, which is withdrawn/);
    await goOn();
    await expectAsItWas(world);
  });

  test('on SIGINT', async () => {
    const world = await booted();
    await world.site.compile(CHANGED);
    const goOn = await stopTree(world.site);
    await interrupted(world.site, 'rc-update', ['--json'], 9);
    await goOn();
    await expectAsItWas(world);
  });
});

describe('a change that gives up', () => {
  test.each([
    ['a restart', ['--restart', 'web', 'script']],
    ['a stop', ['-d', 'web', 'script']],
  ])('%s, when its time is over', async (_, args) => {
    const world = await booted();
    const goOn = await stopTree(world.site);
    const { status, stderr } = await world.site.runAside('rc-change', '-t', '300', ...args);
    expect(status, stderr).toBe(2);
    expect(stderr.match(/which is withdrawn/g)).toHaveLength(2);
    await goOn();
    await expectAsItWas(world);
  });

  test('on SIGTERM', async () => {
    const world = await booted();
    const goOn = await stopTree(world.site);
    await interrupted(world.site, 'rc-change', ['--json', '--restart', 'web', 'script'], 1);
    await goOn();
    await expectAsItWas(world);
  });

  test('because a stop has a limit of its own', async () => {
    const site = await siteWith({ ...BASE, ...daemon('web', [], { 'timeout-down': '300\n' }) });
    await site.must('rc-change', 'web', 'script');
    const world = { site, web: (await site.pids()).get('web')! };
    const goOn = await stopTree(site);
    const { status, stderr } = await site.runAside('rc-change', '-d', 'web');
    expect([status, stderr]).toEqual([1, expect.stringContaining('which is withdrawn')]);
    await goOn();
    await expectAsItWas(world);
  });

  test('leaves the start of what is wanted to the tree, and says so', async () => {
    const site = await siteWith(BASE);
    const goOn = await stopTree(site);
    const { status, stderr } = await site.runAside('rc-change', '-t', '300', 'web');
    expect(status, stderr).toBe(2);
    expect(stderr).toContain('will do it when it goes on');
    await goOn();
    expect(await site.up()).toEqual(['web']);
  });
});

/** Runs a command that has orders unread, interrupts it, and expects its exit status. */
async function interrupted(site: TestSite, command: string, args: readonly string[], status: number): Promise<void> {
  const told = join(site.root, 'told');
  const child = spawn(site.command(command), args, {
    env: site.environment,
    stdio: ['ignore', openSync(told, 'w'), 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  await eventually('both stops', () => readFileSync(told, 'utf8').match(/"stopping"/g)?.length === 2);
  child.kill(command === 'rc-update' ? 'SIGINT' : 'SIGTERM');
  expect(await ended).toBe(status);
}
