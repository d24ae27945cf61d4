/** What the kernel tells of directories, each kind of change for itself. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryChanges, EVERY_DIRECTORY, hasOpenings, watchOpenings } from '@muster/posix/inotify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';

let root: string;
let watched: string;
let beside: string;
let changes: DirectoryChanges;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-inotify-'));
  watched = join(root, 'watched');
  beside = join(root, 'beside');
  mkdirSync(watched);
  mkdirSync(beside);
  changes = new DirectoryChanges();
});
afterEach(() => {
  changes.close();
  rmSync(root, { recursive: true });
});

/** What is told, each as `NUMBER NAME`; a name that nothing else has ends it, and is left out. */
async function toldOf(act: () => void): Promise<string[]> {
  const told: string[] = [];
  const end = mkdtempSync(join(root, 'end-'));
  const number = changes.addAnyChange(end)!;
  let isOver = false;
  void changes.listen((directory, name) => {
    if (directory === number) isOver = true;
    else if (!isOver) told.push(`${directory} ${name()}`);
  });
  act();
  writeFileSync(join(end, 'over'), '');
  await eventually('the last event', () => isOver);
  return told;
}

describe('any change', () => {
  const inside = (name: string) => join(watched, name);

  test.each<[string, () => void, () => void, string[]]>([
    ['a file that is made', () => {}, () => closeSync(openSync(inside('made'), 'w')), ['made']],
    [
      'a file that is written',
      () => writeFileSync(inside('file'), ''),
      () => writeFileSync(inside('file'), 'x'),
      ['file'],
    ],
    [
      'a file with another mode',
      () => writeFileSync(inside('file'), ''),
      () => chmodSync(inside('file'), 0o600),
      ['file'],
    ],
    [
      'a file with another time',
      () => writeFileSync(inside('file'), ''),
      () => utimesSync(inside('file'), 1, 1),
      ['file'],
    ],
    ['a file that is removed', () => writeFileSync(inside('file'), ''), () => unlinkSync(inside('file')), ['file']],
    [
      'a file that is renamed',
      () => writeFileSync(inside('old'), ''),
      () => renameSync(inside('old'), inside('new')),
      ['new', 'old'],
    ],
    [
      'a file that comes',
      () => writeFileSync(join(beside, 'file'), ''),
      () => renameSync(join(beside, 'file'), inside('file')),
      ['file'],
    ],
    [
      'a file that goes',
      () => writeFileSync(inside('file'), ''),
      () => renameSync(inside('file'), join(beside, 'file')),
      ['file'],
    ],
    [
      'a second name',
      () => writeFileSync(join(beside, 'file'), ''),
      () => linkSync(join(beside, 'file'), inside('file')),
      ['file'],
    ],
    ['a link', () => {}, () => symlinkSync('nowhere', inside('link')), ['link']],
    ['a FIFO', () => {}, () => execFileSync('mkfifo', [inside('fifo')]), ['fifo']],
    ['a directory', () => {}, () => mkdirSync(inside('directory')), ['directory']],
    [
      'a directory that is removed',
      () => mkdirSync(inside('directory')),
      () => rmdirSync(inside('directory')),
      ['directory'],
    ],
    ['its own mode', () => {}, () => chmodSync(watched, 0o700), ['']],
    ['its own name', () => {}, () => renameSync(watched, join(root, 'renamed')), ['']],
    ['its own removal', () => {}, () => rmdirSync(watched), ['']],
    ['a name with a newline', () => {}, () => writeFileSync(inside('two\nlines'), ''), ['two\nlines']],
    ['the longest name', () => {}, () => writeFileSync(inside('x'.repeat(255)), ''), ['x'.repeat(255)]],
  ])('%s is told of', async (_, before, act, names) => {
    before();
    const number = changes.addAnyChange(watched)!;
    const told = await toldOf(act);
    expect([...new Set(told)].sort()).toEqual(names.map((name) => `${number} ${name}`));
  });

  test('what is only looked at is not', async () => {
    writeFileSync(inside('file'), 'text');
    changes.addAnyChange(watched);
    const told = await toldOf(() => {
      readdirSync(watched);
      readFileSync(inside('file'));
    });
    expect(told).toEqual([]);
  });

  test('what happens further below is not', async () => {
    mkdirSync(inside('directory'));
    changes.addAnyChange(watched);
    expect(await toldOf(() => writeFileSync(inside('directory/file'), ''))).toEqual([]);
  });
});

test('renames into a directory are told of, and nothing else', async () => {
  writeFileSync(join(beside, 'file'), '');
  const number = changes.addRenamesInto(watched)!;
  const told = await toldOf(() => {
    writeFileSync(join(watched, 'other'), 'x');
    unlinkSync(join(watched, 'other'));
    renameSync(join(beside, 'file'), join(watched, 'file'));
    renameSync(join(watched, 'file'), join(beside, 'file'));
  });
  expect(told).toEqual([`${number} file`]);
});

test('each directory has a number of its own, and the same one always', async () => {
  const [one, other] = [changes.addAnyChange(watched)!, changes.addAnyChange(beside)!];
  expect(one).not.toBe(other);
  expect(changes.addAnyChange(watched)).toBe(one);
  const told = await toldOf(() => {
    mkdirSync(join(beside, 'a'));
    mkdirSync(join(watched, 'b'));
  });
  expect(told).toEqual([`${other} a`, `${one} b`]);
});

test('what is no directory has no number', () => {
  writeFileSync(join(root, 'file'), '');
  expect(changes.addAnyChange(join(root, 'missing'))).toBe(null);
  expect(changes.addAnyChange(join(root, 'file'))).toBe(null);
  expect(changes.addAnyChange(join(root, 'file/below'))).toBe(null);
});

test('when the kernel had no room for what it had to tell, that is told', async () => {
  const room = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  changes.addAnyChange(watched);
  // Two in turn: the kernel makes one of events that are the same.
  for (const name of ['a', 'b']) writeFileSync(join(watched, name), '');
  for (let times = 0; times <= room; times++) utimesSync(join(watched, times % 2 === 0 ? 'a' : 'b'), times, times);
  const told: number[] = [];
  void changes.listen((directory) => told.push(directory));
  await eventually('that events were dropped', () => told.includes(EVERY_DIRECTORY));
  expect(told.length).toBeGreaterThan(room / 2);
});

test('who has closed is told nothing, and waits for nothing', async () => {
  changes.addAnyChange(watched);
  const told: number[] = [];
  const listening = changes.listen((directory) => told.push(directory));
  changes.close();
  mkdirSync(join(watched, 'directory'));
  await listening;
  expect(told).toEqual([]);
});

describe('openings', () => {
  let descriptor: number;
  afterEach(() => closeSync(descriptor));

  test('of files count, and of what was renamed there; of the directory itself they do not', () => {
    const file = join(watched, 'file');
    writeFileSync(file, '');
    descriptor = watchOpenings(watched);
    expect(hasOpenings(descriptor)).toBe(false);
    closeSync(openSync(file, 'r'));
    expect(hasOpenings(descriptor)).toBe(true);
    expect(hasOpenings(descriptor)).toBe(false);
    readdirSync(watched);
    unlinkSync(file);
    expect(hasOpenings(descriptor)).toBe(false);
    writeFileSync(join(beside, 'file'), '');
    renameSync(join(beside, 'file'), file);
    expect(hasOpenings(descriptor)).toBe(true);
  });

  test('without end take no more than their share', () => {
    for (const name of ['a', 'b']) writeFileSync(join(watched, name), '');
    descriptor = watchOpenings(watched);
    const times = 10_000;
    for (let each = 0; each < times; each++) closeSync(openSync(join(watched, each % 2 === 0 ? 'a' : 'b'), 'r'));
    let looks = 0;
    while (hasOpenings(descriptor)) looks++;
    // An event with a name of one letter has 32 bytes.
    expect(looks).toBe(Math.ceil((times * 32) / (4 * 65_536)));
  });

  test('of what is no directory cannot be watched', () => {
    descriptor = watchOpenings(watched);
    expect(() => watchOpenings(join(root, 'missing'))).toThrow('ENOENT');
  });
});
