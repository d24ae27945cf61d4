/** A logger that cannot write: lines are held back, and what is lost is said. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeldLines } from '@muster/tree/logger/held-lines';
import { LogWriter } from '@muster/tree/logger/log-writer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytes, content, files, numbered, root, tick, told, writer } from './log-rig.ts';

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
      mode: 0o640,
      link: null,
      select: [],
    } as const;
    const next = () => new LogWriter(directives, { now: tick, tell: (message) => told.push(message), held });
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
