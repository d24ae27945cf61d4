/** A log directory that belongs to somebody else, written by root: nothing of root's outside of it is touched. */
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFifo } from '@muster/posix/fifo';
import { giveDirectory } from '@muster/tree/logger/give-directory';
import { RotatedLog } from '@muster/tree/logger/rotated-log';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const NOBODY = 65534;
const ROTATION = { size: 4096, keep: 2, mode: 0o640 };
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log("skipped: root's logger in another user's directory, for which one must be root");

describe.skipIf(!isRoot)('root', () => {
  let root: string;
  /** Root's, and valuable. */
  let precious: string;
  /** The other user's. */
  let log: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'muster-own-'));
    chmodSync(root, 0o755);
    precious = join(root, 'precious');
    writeFileSync(precious, 'precious\n', { mode: 0o600 });
    log = join(root, 'log');
    mkdirSync(log);
    chownSync(log, NOBODY, NOBODY);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const write = (text = 'line\n', directory = log) => {
    const opened = new RotatedLog(directory, ROTATION);
    opened.append(Buffer.from(text), Date.now());
    opened.rotate();
    opened.append(Buffer.from(text), Date.now());
    opened.close();
  };

  test.each(['current', 'lock'])('does not follow a link in place of %s', (name) => {
    symlinkSync(precious, join(log, name));
    expect(() => write()).toThrow(`${name} is a symbolic link`);
    expect(readFileSync(precious, 'utf8')).toBe('precious\n');
  });

  test.each(['current', 'lock'])('makes nothing through a dangling link in place of %s', (name) => {
    symlinkSync(join(root, 'new'), join(log, name));
    expect(() => write()).toThrow(`${name} is a symbolic link`);
    expect(existsSync(join(root, 'new'))).toBe(false);
  });

  test.each(['current', 'lock'])('does not write a hard link in place of %s', (name) => {
    linkSync(precious, join(log, name));
    expect(() => write()).toThrow(`${name} is a hard link`);
    expect(readFileSync(precious, 'utf8')).toBe('precious\n');
  });

  test.each(['current', 'lock'])('does not wait for a FIFO or a directory in place of %s', (name) => {
    makeFifo(join(log, name), 0o666);
    expect(() => write()).toThrow(`${name} is a FIFO`);
    rmSync(join(log, name));
    mkdirSync(join(log, name));
    expect(() => write()).toThrow(`${name} is a directory`);
  });

  test('does not write the file of a third user', () => {
    writeFileSync(join(log, 'current'), '');
    chownSync(join(log, 'current'), 1234, 1234);
    expect(() => write()).toThrow('current belongs to another user');
  });

  test('does not follow a link in place of the directory, where another user could have put it', () => {
    const victim = join(root, 'victim');
    mkdirSync(victim);
    symlinkSync(victim, join(log, 'web'));
    expect(() => write('line\n', join(log, 'web'))).toThrow("is a link of another user's");
    expect(() => write('line\n', join(log, 'web/below'))).toThrow("is a link of another user's");
    expect(readdirSync(victim)).toEqual([]);
    // Root's own is followed.
    symlinkSync(victim, join(root, 'by-root'));
    write('line\n', join(root, 'by-root'));
    expect(readdirSync(victim)).toContain('current');
  });

  test("stays in the directory that it has opened when a link is put into that one's place", () => {
    const victim = join(root, 'victim');
    mkdirSync(victim);
    const opened = new RotatedLog(log, ROTATION);
    opened.append(Buffer.from('one\n'), Date.now());
    rmSync(log, { recursive: true });
    symlinkSync(victim, log);
    expect(opened.isInPlace).toBe(false);
    expect(() => opened.rotate()).toThrow('ENOENT');
    opened.close();
    expect(readdirSync(victim)).toEqual([]);
  });

  test('keeps its lock from others', () => {
    writeFileSync(join(log, 'lock'), '', { mode: 0o644 });
    write();
    expect(statSync(join(log, 'lock')).mode & 0o777).toBe(0o600);
  });

  describe('gives a directory to the user of its logger', () => {
    const owner = { uid: NOBODY, gid: NOBODY };
    const ownerOf = (path: string) => statSync(path).uid;

    test("which is made, with those above it, that stay root's", () => {
      giveDirectory(join(root, 'a/b/web'), owner);
      expect(['a', 'a/b', 'a/b/web'].map((path) => ownerOf(join(root, path)))).toEqual([0, 0, NOBODY]);
    });

    test('with the log that its own logger has written there', () => {
      const directory = join(root, 'mine');
      write('line\n', directory);
      giveDirectory(directory, owner);
      expect([directory, join(directory, 'current'), join(directory, 'lock')].map(ownerOf)).toEqual([
        NOBODY,
        NOBODY,
        NOBODY,
      ]);
    });

    test('not if anything else is in it', () => {
      expect(() => giveDirectory(root, owner)).toThrow('is in it; use another directory');
      expect([ownerOf(root), ownerOf(precious)]).toEqual([0, 0]);
    });

    test('not below what another user could have arranged', () => {
      mkdirSync(join(log, 'of-root'));
      giveDirectory(join(log, 'of-root'), owner);
      expect(ownerOf(join(log, 'of-root'))).toBe(0);
      giveDirectory(join(log, 'missing'), owner);
      expect(existsSync(join(log, 'missing'))).toBe(false);
      const victim = join(root, 'victim');
      mkdirSync(victim);
      symlinkSync(victim, join(log, 'link'));
      expect(() => giveDirectory(join(log, 'link'), owner)).toThrow("is a link of another user's");
      expect(ownerOf(victim)).toBe(0);
    });

    test.each([
      ['everybody', 0o1777, 0],
      ['its group', 0o775, NOBODY],
    ])('not if %s may move files of root’s into it', (_, mode, group) => {
      const directory = join(root, 'open');
      mkdirSync(directory);
      chownSync(directory, 0, group);
      chmodSync(directory, mode);
      renameSync(precious, join(directory, 'current'));
      giveDirectory(directory, owner);
      expect([directory, join(directory, 'current')].map(ownerOf)).toEqual([0, 0]);
    });

    test('without what has another name elsewhere', () => {
      const directory = join(root, 'mine');
      mkdirSync(directory);
      linkSync(precious, join(directory, 'current'));
      giveDirectory(directory, owner);
      expect(ownerOf(precious)).toBe(0);
    });
  });
});
