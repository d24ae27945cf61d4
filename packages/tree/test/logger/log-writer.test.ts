import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeldLines } from '@muster/tree/logger/held-lines';
import { LogDirectory } from '@muster/tree/logger/log-directory';
import { LogWriter, type SafePipe } from '@muster/tree/logger/log-writer';
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

describe('names of archived files', () => {
  const clock = (times: number[]) =>
    new LogWriter(
      { directory: join(root, 'log'), size: 20, keep: 3, timestamp: 'none', prefix: '', select: [] },
      { now: () => times.shift() ?? 0, tell: (message) => told.push(message) },
    );

  it('stay in order when the clock goes back', () => {
    const log = clock([9_000_000_000, 9_000_000_000, 5000, 5000]);
    for (const line of numbered(1, 9)) log.write(bytes(line));
    log.close();
    expect(files().map(content).join('')).toBe(numbered(6, 9).join(''));
  });

  it('stay in order when a logger finds the file of an earlier one full', () => {
    const first = clock([Date.now(), Date.now()]);
    for (const line of numbered(1, 2)) first.write(bytes(line));
    first.close();
    const second = clock([Date.now(), Date.now()]);
    for (const line of numbered(3, 3)) second.write(bytes(line));
    second.close();
    expect(files().map(content).join('')).toBe(numbered(1, 3).join(''));
  });
});

/** What a logger reads from, which is killed when it was asked for something for the `last`-th time. */
class FragilePipe implements SafePipe {
  #steps = 0;

  constructor(
    public text: string,
    readonly last = Number.POSITIVE_INFINITY,
  ) {}

  digest(count: number): bigint | null {
    this.#step();
    return count > this.text.length ? null : Bun.hash.wyhash(this.text.slice(0, count), 7n);
  }

  consume(count: number): void {
    this.#step();
    this.text = this.text.slice(count);
    this.#step();
  }

  #step(): void {
    if (++this.#steps === this.last) throw new Error('killed');
  }
}

describe('lines that stay in their pipe until they are written', () => {
  /** What is left of `text` when a logger that was killed at that step is followed by another one. */
  function killedAt(step: number, text: string, meanwhile = () => {}): string[] {
    const pipe = new FragilePipe(text, step);
    const first = writer({ keep: 1000 });
    first.flush();
    try {
      while (pipe.text !== '') first.writeFrom(pipe, bytes(pipe.text));
    } catch (error) {
      expect(String(error)).toContain('killed');
    }
    meanwhile();
    const rest = new FragilePipe(`${pipe.text}one more\n`);
    const second = writer({ keep: 1000 });
    second.flush();
    second.resume(rest);
    while (rest.text !== '') second.writeFrom(rest, bytes(rest.text));
    second.close();
    return files().flatMap((name) => content(name).trimEnd().split('\n'));
  }

  const text = numbered(1, 17).join('');
  const whole = `${text}one more`.split('\n');

  // Five lines a file, three steps a file: the digest, before the lines are taken out, after it.
  it.each(Array.from({ length: 13 }, (_, step) => step + 1))('are there once, killed at step %i', (step) => {
    expect(killedAt(step, text)).toEqual(whole);
  });

  it('are written anew where the system had written a part of them', () => {
    const cut = () => truncateSync(join(root, 'log/current'), 30);
    expect(killedAt(2, text, cut)).toEqual(whole);
  });

  it('are no others, though these follow the same intent', () => {
    expect(killedAt(3, numbered(1, 5).join(''))).toEqual([...numbered(1, 5).map((line) => line.trim()), 'one more']);
  });

  it('are held back like others when they cannot be written', () => {
    writeFileSync(join(root, 'log'), 'a file is in the way');
    const pipe = new FragilePipe(text);
    const log = writer({ size: 10_000 });
    log.flush();
    expect(log.writeFrom(pipe, bytes(text))).toBe(text.length);
    expect([pipe.text, log.isHoldingBack]).toEqual(['', true]);
    rmSync(join(root, 'log'));
    expect(log.close()).toBe(true);
    expect(content('current')).toBe(text);
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
    expect(told).toEqual([`cannot write to ${root}/log: it is no directory; holding lines back, trying again`]);
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

describe('a directory that is taken away', () => {
  it.each([
    ['its current removed', () => rmSync(join(root, 'log/current'))],
    ['its current moved', () => renameSync(join(root, 'log/current'), join(root, 'log/old'))],
    ['removed', () => rmSync(join(root, 'log'), { recursive: true })],
    ['moved', () => renameSync(join(root, 'log'), join(root, 'away'))],
  ])('%s: it is noticed before the next line, and begun again', (_, takeAway) => {
    const log = writer();
    log.write(bytes('before\n'));
    takeAway();
    log.write(bytes('after\n'));
    expect(content('current')).toBe('after\n');
    expect(told).toEqual([`${root}/log or its current was moved or removed: beginning another one`]);
    log.write(bytes('later\n'));
    expect(log.close()).toBe(true);
    expect(content('current')).toBe('after\nlater\n');
  });

  it('is begun again without a line, when it is looked at', () => {
    const log = writer();
    log.write(bytes('before\n'));
    rmSync(join(root, 'log'), { recursive: true });
    log.flush();
    expect(files()).toEqual(['current']);
    log.close();
  });

  it('and cannot be made: lines wait, and what is left at the end waits for the next logger', () => {
    const files = ['trouble', 'held'].map((name) => openSync(join(root, name), 'w+'));
    const held = new HeldLines(files[0]!, files[1]!);
    const directives = {
      directory: join(root, 'log'),
      size: 100,
      keep: 2,
      timestamp: 'none',
      prefix: '',
      select: [],
    } as const;
    const next = () => new LogWriter(directives, { now: () => now++, tell: (message) => told.push(message), held });
    const log = next();
    log.write(bytes('before\n'));
    renameSync(join(root, 'log'), join(root, 'away'));
    writeFileSync(join(root, 'log'), '');
    log.write(bytes('one\ntwo\n'));
    const trouble = `cannot write to ${root}/log: it is no directory`;
    expect(readFileSync(join(root, 'trouble'), 'utf8')).toBe(`${trouble}\n`);
    expect(log.close()).toBe(false);
    expect(told.at(-1)).toBe(`2 lines wait for the next logger of ${root}/log`);

    rmSync(join(root, 'log'));
    const another = next();
    another.write(bytes('three\n'));
    expect(another.close()).toBe(true);
    expect(content('current')).toBe('one\ntwo\nthree\n');
    expect(['trouble', 'held'].map((name) => readFileSync(join(root, name), 'utf8'))).toEqual(['', '']);
    for (const file of files) closeSync(file);
  });
});
