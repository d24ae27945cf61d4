/** Something else where a file or a FIFO of the live directory should be: nobody waits for it, and the tree lives on. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { daemon, oneshot } from '../update/definitions.ts';
import { TestSite } from '../update/test-site.ts';

const servers: Server[] = [];

const ODD: Readonly<Record<string, (path: string) => void | Promise<void>>> = {
  'a FIFO': (path) => void execFileSync('mkfifo', [path]),
  'a directory': (path) => {
    mkdirSync(path);
    writeFileSync(join(path, 'inside'), '');
  },
  'a socket': async (path) => {
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
  },
  'a device': (path) => symlinkSync('/dev/zero', path),
};

/** By their paths in the live directory; HASH stands for the database's. */
const FILES = [
  'lock',
  'backend',
  'generations',
  'environment',
  'events',
  'journal',
  'databases/HASH/database',
  'databases/HASH/state',
  'services/web/supervise/status',
  'services/web/supervise/status.new',
  'services/web/supervise/death_tally',
  'services/web/supervise/lock',
  'services/web/supervise/control',
  'services/web/supervise/failed',
  'services/web/down',
  'services/web/run',
  'services/job/status',
  'services/job/status.new',
  'services/job/exit',
  'services/job/up.argv',
  'oneshots/control',
  'scan/.s6-svscan/control',
  'scan/.s6-svscan/lock',
  'scan/.rc-svscan/children',
] as const;

let site: TestSite;
beforeEach(() => {
  site = new TestSite();
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  site.remove();
});

/** Every command ends by itself, and says what the system or the file is, not what the program is. */
function runAll(path: string): void {
  for (const [command, ...args] of COMMANDS) {
    const { status, stderr } = site.run(command!, ...args);
    expect(status, `${command} ${args.join(' ')} with ${path}: ${stderr}`).not.toBe(null);
    expect(stderr, command).not.toContain('this should not have happened');
  }
}

const COMMANDS = [
  ['rc-status'],
  ['rc-why', 'web'],
  ['rc-events', '--once'],
  ['rc-change', '-t', '1s', '-d', 'web', 'job'],
  ['rc-change', '-t', '1s', 'web', 'job'],
  ['rc-update', '-t', '1s'],
  ['rc-log', 'web'],
] as const;

/** A FIFO, which who opens it waits for, everywhere; and another kind, each in turn. */
const CASES = FILES.flatMap((named, i) => {
  const others = Object.keys(ODD).filter((kind) => kind !== 'a FIFO');
  return [['a FIFO', named] as const, [others[i % others.length]!, named] as const];
});

describe('nobody waits for, or dies of,', () => {
  test.each(CASES)('%s in the place of %s', async (kind, named) => {
    await site.boot({ ...daemon('web'), ...oneshot('job', 'true\n', { down: 'true\n' }) }, ['web', 'job']);
    const [hash] = readdirSync(join(site.live, 'databases'));
    const path = join(site.live, named.replace('HASH', hash!));
    const [tree] = site.trees();
    rmSync(path, { recursive: true, force: true });
    await ODD[kind]!(path);
    runAll(path);
    expect(site.trees()).toContain(tree);
    expect(site.run('rc-shutdown', '-t', '1s').status).not.toBe(null);
    if (lstatSync(site.live, { throwIfNoEntry: false }) !== undefined)
      expect(site.run('rc-init', '-t', '1s').status).not.toBe(null);
  });
});

test('what is odd in the place of what rc-init and the tree own is replaced by them', async () => {
  await site.boot(daemon('web'), ['web']);
  const [tree] = site.trees();
  const own = ['scan/.rc-svscan/children', 'services/web/supervise/control', 'oneshots/control', 'generations', 'lock'];
  await site.must('rc-shutdown');
  await site.must('rc-init', '--no-keeper');
  process.kill(site.trees()[0]!, 'SIGKILL');
  await eventually('the tree to be gone', () => site.trees().length === 0);
  for (const path of own) {
    rmSync(join(site.live, path), { recursive: true });
    if (path.endsWith('control')) writeFileSync(join(site.live, path), '');
    else execFileSync('mkfifo', [join(site.live, path)]);
  }
  await site.must('rc-init');
  await site.must('rc-change', 'web');
  for (const path of own) expect(statSync(join(site.live, path)).isFIFO(), path).toBe(path.endsWith('control'));
  expect(site.trees()).not.toEqual([tree]);
});

describe('one odd status', () => {
  const CASES = Object.keys(ODD).flatMap((kind) => [
    [kind, 'web', 'services/web/supervise/status'] as const,
    [kind, 'job', 'services/job/status'] as const,
  ]);

  test.each(CASES)('%s of %s hides no other service, and is named', async (kind, name, named) => {
    await site.boot({ ...daemon('web'), ...daemon('other'), ...oneshot('job', 'true\n') }, ['web', 'other', 'job']);
    const path = join(site.live, named);
    rmSync(path);
    await ODD[kind]!(path);
    const words = new RegExp(`${path} is (${kind}|a symbolic link), and no file`);
    const services = await site.services();
    const stateOf = (wanted: string) => services.find((each) => each.name === wanted);
    for (const other of ['web', 'other', 'job'].filter((each) => each !== name)) {
      expect(stateOf(other)).toMatchObject({ state: 'up', reason: null });
    }
    expect(stateOf(name)).toMatchObject({ ready: false, reason: expect.stringMatching(words) });
    expect(site.run('rc-status', '--check').status).toBe(1);
    expect(site.run('rc-status', '--check', 'other').status).toBe(0);
    expect(site.run('rc-why', name).stdout).toMatch(words);
    expect(site.run('rc-signal', '-s', 'CONT', name)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(words),
    });
    await site.must('rc-change', '--restart', 'other');
    expect(site.run('rc-change', name)).toMatchObject({ status: 1, stderr: expect.stringMatching(words) });
  });
});

describe('rc-shutdown by force kills nobody', () => {
  const spoil = () => {
    const lock = join(site.live, 'scan/.s6-svscan/lock');
    rmSync(lock);
    execFileSync('mkfifo', [lock]);
  };
  const ended = () => readFileSync(join(site.root, 'ended'), 'utf8');

  test('who waits for it, whatever that has open', async () => {
    await site.boot(daemon('web'), ['web']);
    spoil();
    const waits = `exec 9<>${site.live}/lock; ${site.command('rc-shutdown')} -t 1s; echo $? >${site.root}/ended`;
    expect(await site.execute('/bin/sh', ['-c', waits])).toMatchObject({ status: 0 });
    expect(ended()).toBe('1\n');
    expect(existsSync(site.live)).toBe(false);
    expect(site.trees()).toEqual([]);
  });

  test('around it where it runs in a service, whose tree ends all the same', async () => {
    const run = [
      '#!/bin/sh',
      "trap '' TERM",
      `while ! [ -e ${site.root}/go ]; do sleep 0.05; done`,
      `${site.command('rc-shutdown')} -t 1s`,
      `echo $? >${site.root}/unfinished; mv ${site.root}/unfinished ${site.root}/ended`,
    ];
    await site.boot({ ...daemon('web', [], { run: `${run.join('\n')}\n` }), ...daemon('other') }, ['web', 'other']);
    spoil();
    writeFileSync(join(site.root, 'go'), '');
    await eventually('its end', () => existsSync(join(site.root, 'ended')));
    expect(ended()).toBe('1\n');
    expect(existsSync(site.live)).toBe(false);
    await eventually('the end of everything', () => site.processes().length === 0);
  });
});

test('every lock, of the live directory and of a log, is its owner’s alone', async () => {
  const log = join(site.root, 'log');
  await site.boot(daemon('web', [], { log: `dir ${log}\n`, 'lock-fd': '3\n' }), ['web']);
  const find = spawnSync('find', [site.live, log, '-name', '*lock', '-perm', '/077'], { encoding: 'utf8' });
  expect(find.stdout).toBe('');
  const locks = spawnSync('find', [site.live, log, '-name', '*lock', '-type', 'f'], { encoding: 'utf8' });
  expect(locks.stdout.trim().split('\n').length).toBeGreaterThan(3);
});
