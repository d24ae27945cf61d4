/** The live directory is moved away under the tree: what is made in its place is nothing of that tree's. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CatchAll } from '@muster/tree/catch-all/catch-all';
import { afterEach, beforeEach, expect, test } from 'vitest';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const said = (live: string) =>
  readFileSync(join(live, 'catch-all/current'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/^\S+Z /, ''));

test('what is said goes on where it was said before, and no directory is made', () => {
  const [live, moved] = [join(root, 'live'), join(root, 'moved')];
  const log = new CatchAll(live);
  log.say('before');
  renameSync(live, moved);
  log.say('after');
  expect(existsSync(live)).toBe(false);
  mkdirSync(live);
  log.say('with another in its place');
  expect(existsSync(join(live, 'catch-all'))).toBe(false);
  expect(said(moved)).toEqual(['rc-svscan: before', 'rc-svscan: after', 'rc-svscan: with another in its place']);
});

test('its log that was removed is begun anew where the live directory is still there', () => {
  const live = join(root, 'live');
  const log = new CatchAll(live);
  log.say('before');
  rmSync(join(live, 'catch-all'), { recursive: true });
  log.say('after');
  expect(said(live)).toEqual(['rc-svscan: after']);
});
