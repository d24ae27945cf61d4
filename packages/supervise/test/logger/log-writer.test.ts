import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogDirectory } from '@muster/supervise/logger/log-directory';
import { LogWriter } from '@muster/supervise/logger/log-writer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const bytes = (text: string) => new TextEncoder().encode(text);

let root: string;
let told: string[];
let now: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-log-'));
  told = [];
  now = Date.UTC(2026, 0, 1);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function writer(more: Partial<ConstructorParameters<typeof LogWriter>[0]> = {}, backlog?: number): LogWriter {
  return new LogWriter(
    { directory: join(root, 'log'), size: 100, keep: 2, timestamp: 'none', prefix: '', select: [], ...more },
    { now: () => now++, tell: (message) => told.push(message) },
    backlog,
  );
}
const files = () =>
  readdirSync(join(root, 'log'))
    .filter((name) => name !== 'lock')
    .sort();
const content = (name: string) => readFileSync(join(root, 'log', name), 'utf8');
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `this is line ${String(from + i).padStart(6, '0')}\n`);

describe('rotation', () => {
  it('happens before a file grows beyond its size, and keeps the newest', () => {
    const log = writer();
    // Twenty bytes a line, five lines a file.
    for (const line of numbered(1, 23)) log.write(bytes(line));
    expect(log.close()).toBe(true);
    const names = files();
    expect(names).toHaveLength(3);
    expect(names.map(content).join('')).toBe(numbered(11, 23).join(''));
    expect(names.map((name) => content(name).length)).toEqual([100, 100, 60]);
    expect(names[2]).toBe('current');
  });

  it('happens within one chunk too', () => {
    const log = writer({ keep: 1000 });
    log.write(bytes(numbered(1, 1000).join('')));
    log.close();
    expect(files().map(content).join('')).toBe(numbered(1, 1000).join(''));
    expect(files()).toHaveLength(200);
  });

  it('keeps nothing but current if that is asked for', () => {
    const log = writer({ keep: 0 });
    log.write(bytes(numbered(1, 6).join('')));
    log.close();
    expect(files().map(content)).toEqual([numbered(6, 6).join('')]);
  });

  it('never takes a name twice, though the clock stands still', () => {
    const log = new LogWriter(
      { directory: join(root, 'log'), size: 40, keep: 100, timestamp: 'none', prefix: '', select: [] },
      { now: () => 1000, tell: (message) => told.push(message) },
    );
    log.write(bytes(numbered(1, 50).join('')));
    log.close();
    expect(files().map(content).join('')).toBe(numbered(1, 50).join(''));
  });
});

describe('a directory that was written to before', () => {
  it('is gone on with, after half a line on a line of its own', () => {
    mkdirSync(join(root, 'log'));
    writeFileSync(join(root, 'log/current'), 'whole\nha');
    const log = writer();
    log.write(bytes('next\n'));
    log.close();
    expect(content('current')).toBe('whole\nha\nnext\n');
  });
});

describe('a directory that another logger writes to', () => {
  it('is left alone, is told about once, and taken when it is free', () => {
    const directory = join(root, 'log');
    mkdirSync(directory);
    const script = `
      const { LogDirectory } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/logger/log-directory.ts'))});
      try { new LogDirectory(${JSON.stringify(directory)}, { size: 100, keep: 1 }); } catch (error) { console.log(error.message); }`;
    const first = new LogDirectory(directory, { size: 100, keep: 1 });
    const second = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    first.close();
    expect(second.stdout.trim()).toBe(`another logger writes there (pid ${process.pid})`);
  });
});

describe('a directory that cannot be made', () => {
  it('loses nothing as long as the backlog has room', () => {
    writeFileSync(join(root, 'log'), 'a file is in the way');
    const log = writer({ size: 10_000 });
    for (const line of numbered(1, 20)) log.write(bytes(line));
    expect(log.isHoldingBack).toBe(true);
    expect(told).toEqual([`cannot write to ${root}/log: EEXIST; holding lines back, trying again`]);
    rmSync(join(root, 'log'));
    log.flush();
    expect(told.slice(1)).toEqual([`writing to ${root}/log again`]);
    expect(log.close()).toBe(true);
    expect(content('current')).toBe(numbered(1, 20).join(''));
  });

  it('drops the oldest beyond that, and says in the log how many', () => {
    writeFileSync(join(root, 'log'), 'a file is in the way');
    const log = writer({ size: 10_000 }, 200);
    for (const line of numbered(1, 30)) log.write(bytes(line));
    rmSync(join(root, 'log'));
    log.flush();
    log.close();
    expect(content('current')).toBe(`rc-logger: 20 lines lost here\n${numbered(21, 30).join('')}`);
    expect(told).toContain(`20 lines lost on the way to ${root}/log`);
  });

  it('is an error at the end, with the number of lines', () => {
    writeFileSync(join(root, 'log'), 'a file is in the way');
    const log = writer();
    log.write(bytes('one\ntwo'));
    expect(log.close()).toBe(false);
    expect(told.at(-1)).toBe(`2 lines could not be written to ${root}/log`);
  });
});

const canMount = spawnSync('sh', [
  '-c',
  'd=$(mktemp -d); mount -t tmpfs none "$d" && umount "$d"; s=$?; rmdir "$d"; exit $s',
]);
if (canMount.status !== 0) console.log('skipped: a full disk, since no tmpfs can be mounted here');

describe.skipIf(canMount.status !== 0)('a full disk', () => {
  let disk: string;
  beforeEach(() => {
    disk = join(root, 'disk');
    mkdirSync(disk);
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk]);
  });
  afterEach(() => spawnSync('umount', [disk]));

  it('is told, and outlived: no half line, nothing lost, in order', () => {
    writeFileSync(join(disk, 'other'), new Uint8Array(40 * 1024));
    const log = writer({ directory: join(disk, 'log'), size: 1024 * 1024 });
    for (const line of numbered(1, 3000)) log.write(bytes(line));
    expect(told).toEqual([`cannot write to ${disk}/log: ENOSPC; holding lines back, trying again`]);
    const held = readFileSync(join(disk, 'log/current'), 'utf8');
    expect(held.endsWith('\n')).toBe(true);
    expect(held.length).toBeGreaterThan(4096);
    rmSync(join(disk, 'other'));
    log.flush();
    expect(log.close()).toBe(true);
    expect(readFileSync(join(disk, 'log/current'), 'utf8')).toBe(numbered(1, 3000).join(''));
  });
});
