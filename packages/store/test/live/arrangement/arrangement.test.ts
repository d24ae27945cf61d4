import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileEntry } from '@muster/core/model/definition';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unstage, type WantedArrangement } from '../../../src/live/arrangement/arrangement.ts';
import { publish } from '../../../src/live/arrangement/publish.ts';
import { stage } from '../../../src/live/arrangement/stage.ts';
import type { Scandir } from '../../../src/live/backend.ts';
import { type LivePaths, livePaths } from '../../../src/live/paths.ts';

let paths: LivePaths;
let scandir: Scandir;

beforeEach(() => {
  paths = livePaths(mkdtempSync(join(tmpdir(), 'muster-arrangement-')));
  scandir = { scandir: paths.scan, prefix: '', isOwn: true };
  for (const directory of [paths.services, paths.scan, paths.pipes]) mkdirSync(directory);
});

afterEach(() => rmSync(paths.root, { recursive: true }));

const file = (path: string, text: string, mode = 0o644): FileEntry => ({
  kind: 'file',
  path,
  mode,
  content: Buffer.from(text),
});

function given(name: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(paths.services, name, path, '..'), { recursive: true });
    writeFileSync(join(paths.services, name, path), text);
  }
  symlinkSync(`../services/${name}`, join(paths.scan, name));
}

function arrange(wanted: Partial<WantedArrangement>): void {
  const none = { services: [], gone: [], pipes: [], gonePipes: [], movedPipes: [] };
  const arrangement = stage(paths, scandir, { ...none, ...wanted });
  publish(paths, scandir, arrangement);
  publish(paths, scandir, JSON.parse(JSON.stringify(arrangement)));
  unstage(paths);
}

/** Every file below `services/NAME`, with what is in it. */
function contents(name: string): Record<string, string> {
  const root = join(paths.services, name);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(root.length + 1), readFileSync(path, 'utf8')] as const;
    }),
  );
}

test('a new service gets a directory and a link in the scandir', () => {
  arrange({
    services: [{ name: 'a', was: null, supervised: true, entries: [file('run', 'new', 0o755)] }],
    pipes: ['a'],
  });
  expect(contents('a')).toEqual({ run: 'new' });
  expect(statSync(join(paths.scan, 'a', 'run')).mode & 0o777).toBe(0o755);
  expect(lstatSync(join(paths.pipes, 'a')).isFIFO()).toBe(true);
  expect(existsSync(paths.staged)).toBe(false);
});

test('only what differs is replaced, and what the supervisor keeps stays', () => {
  given('a', { run: 'old', same: 'same', 'data/gone/x': 'x', 'data/y': 'y', 'supervise/status': 's', status: 't' });
  const before = statSync(join(paths.services, 'a', 'same')).ino;
  const entries = [file('run', 'new'), file('same', 'same'), file('data/y', 'y'), file('data/z/deep', 'z')];
  arrange({ services: [{ name: 'a', was: 'a', supervised: true, entries }] });
  expect(contents('a')).toEqual({
    run: 'new',
    same: 'same',
    'data/y': 'y',
    'data/z/deep': 'z',
    'supervise/status': 's',
    status: 't',
  });
  expect(statSync(join(paths.services, 'a', 'same')).ino).toBe(before);
  expect(existsSync(join(paths.services, 'a', 'data/gone'))).toBe(false);
});

test('a file may become a directory, and a directory a file', () => {
  given('a', { 'data/x': 'file', 'data/y/z': 'deep' });
  arrange({
    services: [{ name: 'a', was: 'a', supervised: true, entries: [file('data/x/z', '1'), file('data/y', '2')] }],
  });
  expect(contents('a')).toEqual({ 'data/x/z': '1', 'data/y': '2' });
});

test('names may be swapped, directories, links and pipes alike', () => {
  given('a', { run: 'A', 'supervise/status': 'of a' });
  given('b', { run: 'B', 'supervise/status': 'of b' });
  writeFileSync(join(paths.pipes, 'a'), 'pipe of a');
  writeFileSync(join(paths.pipes, 'b'), 'pipe of b');
  const services = [
    { name: 'b', was: 'a', supervised: true, entries: [file('run', 'A')] },
    { name: 'a', was: 'b', supervised: true, entries: [file('run', 'B2')] },
  ];
  const movedPipes = [
    ['a', 'b'],
    ['b', 'a'],
  ] as const;
  arrange({ services, movedPipes });
  expect(contents('a')).toEqual({ run: 'B2', 'supervise/status': 'of b' });
  expect(contents('b')).toEqual({ run: 'A', 'supervise/status': 'of a' });
  expect(readFileSync(join(paths.pipes, 'a'), 'utf8')).toBe('pipe of b');
  expect(readlinkSync(join(paths.scan, 'a'))).toBe('../services/a');
});

test('what is gone leaves directory, link and pipe, and its name may be used again', () => {
  given('a', { 'up.argv': 'true', status: 'done' });
  writeFileSync(join(paths.pipes, 'a'), '');
  arrange({
    services: [{ name: 'a', was: null, supervised: true, entries: [file('run', 'new')] }],
    gone: [{ name: 'a', supervised: true }],
    gonePipes: ['a'],
  });
  expect(contents('a')).toEqual({ run: 'new' });
  arrange({ gone: [{ name: 'a', supervised: true }] });
  expect(readdirSync(paths.services)).toEqual([]);
  expect(readdirSync(paths.scan)).toEqual([]);
});

test('a symbolic link is written as one, whether its directory is new, stays or loses it', () => {
  const link = (target: string): FileEntry => ({ kind: 'link', path: 'data/link', target });
  const place = join(paths.services, 'a', 'data/link');
  arrange({ services: [{ name: 'a', was: null, supervised: true, entries: [link('one')] }] });
  expect(readlinkSync(place)).toBe('one');
  const before = lstatSync(place).ino;
  arrange({ services: [{ name: 'a', was: 'a', supervised: true, entries: [link('one')] }] });
  expect(lstatSync(place).ino).toBe(before);
  arrange({ services: [{ name: 'a', was: 'a', supervised: true, entries: [link('two')] }] });
  expect(readlinkSync(place)).toBe('two');
  arrange({ services: [{ name: 'a', was: 'a', supervised: true, entries: [] }] });
  expect(lstatSync(place, { throwIfNoEntry: false })).toBeUndefined();
});

test('what the supervisor and the runner of oneshots keep in a directory stays, and what nobody knows goes', () => {
  const kept = { 'supervise/status': '1', 'event/x': '2', status: '3', exit: '4', answer: '5', '.muster/deaths': '6' };
  given('a', { run: 'old', leftover: '', ...kept });
  arrange({
    services: [{ name: 'a', was: 'a', supervised: true, entries: [file('run', 'new'), file('status', '-')] }],
  });
  expect(contents('a')).toEqual({ run: 'new', ...kept });
});
