/** Which files a logger writes its lines to, and which it keeps. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogWriter } from '@muster/tree/logger/log-writer';
import { RotatedLog } from '@muster/tree/logger/rotated-log';
import { describe, expect, it } from 'vitest';
import { bytes, content, files, numbered, root, told, writer } from './log-rig.ts';

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
      {
        directory: join(root, 'log'),
        size: 40,
        keep: 100,
        timestamp: 'none',
        prefix: '',
        mode: 0o640,
        link: null,
        select: [],
      },
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
      {
        directory: join(root, 'log'),
        size: 20,
        keep: 3,
        timestamp: 'none',
        prefix: '',
        mode: 0o640,
        link: null,
        select: [],
      },
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
      const { RotatedLog } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/logger/rotated-log.ts'))});
      try { new RotatedLog(${JSON.stringify(directory)}, { size: 100, keep: 1, mode: 0o640 }); } catch (error) { console.log(error.message); }`;
    const first = new RotatedLog(directory, { size: 100, keep: 1, mode: 0o640 });
    const second = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    first.close();
    expect(second.stdout.trim()).toBe(`another logger writes there (pid ${process.pid})`);
  });
});
