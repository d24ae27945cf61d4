import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvariantBroken } from '@muster/core/invariant';
import { serviceId } from '@muster/core/model/database';
import { identityOf, processFacts } from '@muster/posix/process';
import { AnnouncedChange, changeOf, runningChanges } from '@muster/store/live/changes';
import { byteOf, LockFile } from '@muster/store/live/lock-file';
import { ServiceLocks } from '@muster/store/live/service-locks';
import { afterEach, beforeEach, expect, test } from 'vitest';

let directory: string;
let file: LockFile;
let announced: AnnouncedChange;
let locks: ServiceLocks;
const scripts = new Map<string, number>();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'locks-'));
  mkdirSync(join(directory, 'changes'));
  writeFileSync(join(directory, 'lock'), '');
  scripts.clear();
  announced = new AnnouncedChange(join(directory, 'changes'), 'rc-change web', 1);
  file = new LockFile(join(directory, 'lock'));
  locks = new ServiceLocks(file, {
    changes: join(directory, 'changes'),
    announced,
    names: ['auth', 'cache', 'db', 'web'],
    byteOf,
    pidOf: (service) => scripts.get(service) ?? 0,
  });
});
afterEach(() => {
  file.close();
  rmSync(directory, { recursive: true });
});

/** Another process that locks on request. */
function otherProcess() {
  const child = Bun.spawn([process.execPath, join(import.meta.dirname, 'lock-holder.ts'), join(directory, 'lock')], {
    stdin: 'pipe',
    stdout: 'pipe',
  });
  const reader = child.stdout.getReader();
  return {
    pid: child.pid,
    async ask(line: string): Promise<string> {
      child.stdin.write(`${line}\n`);
      child.stdin.flush();
      return Buffer.from((await reader.read()).value!)
        .toString()
        .trim();
    },
    async die() {
      child.kill('SIGKILL');
      await child.exited;
    },
  };
}

test('leases of one process share a service until the last is released', async () => {
  const other = otherProcess();
  const web = locks.tryLock(serviceId(3), [serviceId(0)]);
  const cache = locks.tryLock(serviceId(1), [serviceId(0)]);
  if (!web.ok || !cache.ok) throw new Error('nobody else holds them');
  web.value.release();
  expect(await other.ask('exclusive 0')).toBe('false');
  cache.value.release();
  expect(await other.ask('exclusive 0')).toBe('true');
  await other.die();
});

test('one process does not get a service twice', () => {
  expect(locks.tryLock(serviceId(3), [serviceId(0)]).ok).toBe(true);
  expect(locks.tryLock(serviceId(0), [])).toMatchObject({ problem: { service: 0 } });
  expect(locks.tryLock(serviceId(3), [])).toMatchObject({ problem: { service: 3 } });
  expect(locks.tryLock(serviceId(1), [serviceId(3)])).toMatchObject({ problem: { service: 3 } });
});

test('all of it or nothing', async () => {
  const other = otherProcess();
  expect(await other.ask('exclusive 2')).toBe('true');
  expect(locks.tryLock(serviceId(3), [serviceId(0), serviceId(2)])).toMatchObject({
    ok: false,
    problem: { service: 2, deadlock: false },
  });
  expect(await other.ask('exclusive 3')).toBe('true');
  expect(await other.ask('exclusive 0')).toBe('true');
  await other.die();
});

test('it goes on saying so while any of its steps waits, whichever of them gives up', async () => {
  const other = otherProcess();
  expect(await other.ask('exclusive 2')).toBe('true');
  const waits = [0, 1].map((service) => {
    const lease = locks.tryLock(serviceId(service), [serviceId(2)]);
    if (lease.ok) throw new Error('it should be held');
    return locks.whenFree(lease.problem, () => {});
  });
  const waitsFor = () => changeOf(join(directory, 'changes'), process.pid)!.waitsFor;
  waits[0]!.close();
  waits[0]!.close();
  expect(waitsFor()).toEqual(['db']);
  waits[1]!.close();
  expect(waitsFor()).toEqual([]);
  await other.die();
});

test('a lease is released once', () => {
  const lease = locks.tryLock(serviceId(3), [serviceId(0)]);
  if (!lease.ok) throw new Error('nobody else holds it');
  lease.value.release();
  expect(() => lease.value.release()).toThrow(InvariantBroken);
});

test('who waits says for whom, and is told when the holder dies', async () => {
  const other = otherProcess();
  expect(await other.ask('exclusive 2')).toBe('true');
  const startTime = processFacts(other.pid)!.startTime;
  writeFileSync(join(directory, 'changes', String(other.pid)), `${startTime}\nrc-change -d db\n\n7\n`);

  const contention = locks.tryLock(serviceId(2), []);
  if (contention.ok) throw new Error('it should be held');
  expect(contention.problem.holder).toBe(`rc-change -d db (pid ${other.pid})`);
  expect(changeOf(join(directory, 'changes'), process.pid)!.waitsFor).toEqual(['db']);

  const freed = new Promise<void>((resolve) => locks.whenFree(contention.problem, resolve));
  await other.die();
  await freed;
  expect(locks.tryLock(serviceId(2), []).ok).toBe(true);
  expect(runningChanges(join(directory, 'changes'))).toEqual([
    { ...identityOf(process.pid)!, command: 'rc-change web', waitsFor: [], since: 1 },
  ]);
});

test('waiting for the script that one runs in is a deadlock, also through another change', async () => {
  const other = otherProcess();
  expect(await other.ask('exclusive 2')).toBe('true');
  scripts.set('db', process.ppid);
  expect(locks.tryLock(serviceId(2), [])).toMatchObject({ problem: { deadlock: true } });

  // db's script runs a change that waits for cache, and we run in cache's script.
  scripts.set('db', other.pid);
  scripts.set('cache', process.ppid);
  expect(locks.tryLock(serviceId(2), [])).toMatchObject({ problem: { deadlock: false } });
  const startTime = processFacts(other.pid)!.startTime;
  writeFileSync(join(directory, 'changes', String(other.pid)), `${startTime}\nrc-change cache\ncache\n7\n`);
  expect(locks.tryLock(serviceId(2), [])).toMatchObject({ problem: { deadlock: true } });
  await other.die();
});
