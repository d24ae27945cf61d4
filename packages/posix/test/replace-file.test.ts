import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReplacePolicy, replaceFile, unfinished } from '@muster/posix/replace-file';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-replace-'));
  path = join(directory, 'file');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const POLICIES: readonly ReplacePolicy[] = ['durable', 'atomic', 'overwrite when full'];

describe.each(POLICIES)('%s', (policy) => {
  test('makes a file, and replaces it by another one', () => {
    replaceFile(path, 'first', { policy, mode: 0o600 });
    const { ino, mode } = statSync(path);
    expect(mode & 0o777).toBe(0o600);
    writeFileSync(unfinished(path), 'what a killed writer has left, which is longer', { mode: 0o644 });
    replaceFile(path, Buffer.from('second'), { policy, mode: 0o600 });
    expect(readFileSync(path, 'latin1')).toBe('second');
    expect(statSync(path).ino).not.toBe(ino);
    expect(readdirSync(directory)).toEqual(['file']);
  });
});

test.each(['durable', 'atomic'] as const)(
  '%s leaves a directory that is in the way, and nothing beside it',
  (policy) => {
    mkdirSync(path);
    expect(() => replaceFile(path, 'x', { policy })).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(statSync(path).isDirectory()).toBe(true);
    expect(existsSync(unfinished(path))).toBe(false);
  },
);

test('overwrite when full puts the file in the place of a directory', () => {
  mkdirSync(join(path, 'inner'), { recursive: true });
  mkdirSync(unfinished(path));
  replaceFile(path, 'x', { policy: 'overwrite when full' });
  expect(readFileSync(path, 'latin1')).toBe('x');
});

const canMount =
  spawnSync('sh', ['-c', 'd=$(mktemp -d); mount -t tmpfs none "$d" && umount "$d"; s=$?; rmdir "$d"; exit $s'])
    .status === 0;
if (!canMount) console.log('skipped: a full file system, since no tmpfs can be mounted here');

describe.skipIf(!canMount)('on a full file system', () => {
  let disk: string;
  beforeEach(() => {
    disk = join(directory, 'disk');
    mkdirSync(disk);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk]).status).toBe(0);
    path = join(disk, 'file');
    writeFileSync(path, 'before, and longer');
    expect(() => writeFileSync(join(disk, 'other'), new Uint8Array(1024 * 1024))).toThrow('ENOSPC');
  });
  afterEach(() => spawnSync('umount', [disk]));

  test.each(['durable', 'atomic'] as const)('%s leaves the file as it was', (policy) => {
    expect(() => replaceFile(path, 'after', { policy })).toThrow('ENOSPC');
    expect(readFileSync(path, 'latin1')).toBe('before, and longer');
    expect(readdirSync(disk).sort()).toEqual(['file', 'other']);
  });

  test('overwrite when full writes over it', () => {
    const { ino } = statSync(path);
    replaceFile(path, 'after', { policy: 'overwrite when full' });
    expect(readFileSync(path, 'latin1')).toBe('after');
    expect(statSync(path).ino).toBe(ino);
    expect(readdirSync(disk).sort()).toEqual(['file', 'other']);
  });
});
