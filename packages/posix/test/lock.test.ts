/** Whoever can open a lock file can keep its owner from ever having the lock: nobody else can. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Held, lockWholeFile, RangeLocks } from '@muster/posix/lock';
import { afterEach, beforeEach, expect, test } from 'vitest';

let root: string;
let lock: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-lock-'));
  lock = join(root, 'lock');
});
afterEach(() => rmSync(root, { recursive: true }));

const permissions = () => statSync(lock).mode & 0o7777;

test('a lock file is its owner’s, whatever the umask, and whatever an earlier version made of it', () => {
  const umask = process.umask(0);
  try {
    const held = lockWholeFile(lock);
    expect(held).not.toBeInstanceOf(Held);
    expect(permissions()).toBe(0o600);
    (held as RangeLocks).close();
    for (const open of [() => lockWholeFile(lock) as RangeLocks, () => new RangeLocks(lock)]) {
      chmodSync(lock, 0o644);
      open().close();
      expect(permissions()).toBe(0o600);
    }
  } finally {
    process.umask(umask);
  }
});

test('a file with another name on it is left as it is by who only asks', () => {
  writeFileSync(lock, '');
  chmodSync(lock, 0o640);
  RangeLocks.toAsk(lock).close();
  expect(permissions()).toBe(0o640);
});

test('what is no file cannot be locked, and says so at once', () => {
  execFileSync('mkfifo', [lock]);
  for (const open of [() => lockWholeFile(lock), () => new RangeLocks(lock), () => RangeLocks.toAsk(lock)])
    expect(open).toThrow(`${lock} is a FIFO, and no file`);
});
