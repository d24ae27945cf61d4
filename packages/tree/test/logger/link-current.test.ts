/** A link by whose name others read a log. */
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkCurrent } from '@muster/tree/logger/link-current';
import { afterEach, beforeEach, expect, test } from 'vitest';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-link-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('is made, and made anew when the log is elsewhere', () => {
  const path = join(root, 'web.log');
  linkCurrent(path, '/var/log/old');
  linkCurrent(path, '/var/log/web');
  linkCurrent(path, '/var/log/web');
  expect(readlinkSync(path)).toBe('/var/log/web/current');
});

test('takes no place of what is no link', () => {
  const path = join(root, 'web.log');
  writeFileSync(path, 'old lines\n');
  expect(() => linkCurrent(path, '/var/log/web')).toThrow('no link');
  expect(lstatSync(path).isFile()).toBe(true);
});

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log("skipped: a path through another user's hands, which only root can make");

test.skipIf(!isRoot)('is not made by root where another user could have arranged the path', () => {
  const theirs = join(root, 'theirs');
  mkdirSync(theirs);
  chownSync(theirs, 65534, 65534);
  mkdirSync(join(theirs, 'sub'));
  expect(() => linkCurrent(join(theirs, 'sub/web.log'), '/var/log/web')).toThrow("not root's alone");
  mkdirSync(join(root, 'goal'));
  symlinkSync(join(root, 'goal'), join(theirs, 'link'));
  expect(() => linkCurrent(join(theirs, 'link/web.log'), '/var/log/web')).toThrow();
  expect(lstatSync(join(root, 'goal/web.log'), { throwIfNoEntry: false })).toBeUndefined();
});
