/** Locks between processes; and that only a lock file's owner can open it, and so keep anybody from having a lock. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Held, lockWholeFile, RangeLocks, WHOLE_FILE } from '@muster/posix/lock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

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

describe('a lock of another process', () => {
  let holder: ChildProcess;
  afterEach(async () => {
    if (holder.exitCode !== null || holder.signalCode !== null) return;
    holder.stdin!.end();
    await ended();
  });

  const ended = () => new Promise((resolve) => holder.once('exit', resolve));

  async function hold(
    kind: 'shared' | 'exclusive',
    { start, length }: { start: number; length: number },
  ): Promise<void> {
    writeFileSync(lock, '', { mode: 0o600 });
    const script = join(import.meta.dirname, 'lock-holder.ts');
    const words = [script, lock, kind, String(start), String(length)];
    holder = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    const said = await new Promise<Buffer>((resolve) => holder.stdout!.once('data', resolve));
    expect(said.toString()).toBe('true\n');
  }

  test('that is exclusive keeps everybody out, and says who holds it', async () => {
    await hold('exclusive', { start: 3, length: 2 });
    const locks = new RangeLocks(lock);
    expect(locks.tryExclusive({ start: 4, length: 1 })).toBe(false);
    expect(locks.tryShared({ start: 4, length: 1 })).toBe(false);
    expect(locks.holder({ start: 0, length: 4 })).toBe(holder.pid!);
    expect(locks.holder({ start: 0, length: 3 })).toBe(null);
    expect(locks.tryExclusive({ start: 0, length: 3 })).toBe(true);
    expect(locks.tryExclusive({ start: 5, length: 0 })).toBe(true);
    locks.close();
  });

  test('that is shared is shared, and keeps out who wants it alone', async () => {
    await hold('shared', { start: 0, length: 1 });
    const locks = new RangeLocks(lock);
    expect(locks.tryShared({ start: 0, length: 1 })).toBe(true);
    expect(locks.tryExclusive({ start: 0, length: 1 })).toBe(false);
    expect(locks.holder({ start: 0, length: 1 })).toBe(holder.pid!);
    locks.close();
  });

  test('is told apart from others that are more than four billion bytes away', async () => {
    const far = 2 ** 40;
    await hold('exclusive', { start: far + 7, length: 1 });
    const locks = new RangeLocks(lock);
    expect(locks.tryExclusive({ start: 7, length: 1 })).toBe(true);
    expect(locks.holder({ start: far, length: 2 ** 33 })).toBe(holder.pid!);
    expect(locks.holder({ start: far + 8, length: 0 })).toBe(null);
    locks.close();
  });

  test('ends with the process, however that ends', async () => {
    await hold('exclusive', WHOLE_FILE);
    const held = lockWholeFile(lock);
    expect(held).toBeInstanceOf(Held);
    expect((held as Held).holder).toBe(holder.pid!);
    const end = ended();
    holder.kill('SIGKILL');
    await end;
    const got = lockWholeFile(lock);
    expect(got).toBeInstanceOf(RangeLocks);
    (got as RangeLocks).close();
  });

  test('keeps nobody out of the file that has taken its path', async () => {
    await hold('exclusive', WHOLE_FILE);
    const before = new RangeLocks(lock);
    expect(before.isInPlace()).toBe(true);
    renameSync(lock, join(root, 'old'));
    expect(before.isInPlace()).toBe(false);
    const after = lockWholeFile(lock);
    expect(after).toBeInstanceOf(RangeLocks);
    expect((after as RangeLocks).isInPlace()).toBe(true);
    expect(before.holder(WHOLE_FILE)).toBe(holder.pid!);
    before.close();
    (after as RangeLocks).close();
  });

  test('a part of one’s own can be let go', async () => {
    await hold('shared', { start: 100, length: 1 });
    const locks = new RangeLocks(lock);
    expect(locks.tryExclusive({ start: 0, length: 10 })).toBe(true);
    locks.unlock({ start: 4, length: 2 });
    const ask = (start: number) =>
      execFileSync(process.execPath, [
        '-e',
        ASK,
        import.meta.resolve('@muster/posix/lock'),
        lock,
        String(start),
      ]).toString();
    expect([3, 4, 5, 6].map(ask)).toEqual([String(process.pid), 'null', 'null', String(process.pid)]);
    locks.close();
  });
});

/** Its own locks no process is told of: somebody else has to ask. */
const ASK = `
  const [module, path, start] = process.argv.slice(1);
  const { RangeLocks } = await import(module);
  process.stdout.write(String(RangeLocks.toAsk(path).holder({ start: Number(start), length: 1 })));`;
