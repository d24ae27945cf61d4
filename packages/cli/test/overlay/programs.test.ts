/** What the programs of s6-overlay that Muster offers make of their arguments and files; in containers they are tried in ../containers. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nameCommand } from '@muster/cli/arguments/name';
import { loggerOptions } from '@muster/cli/overlay/logutil';
import { flagsOf } from '@muster/cli/overlay/program';
import { isSupervised, tellStatus } from '@muster/cli/overlay/service-directories';
import { userIdsOf } from '@muster/cli/overlay/user-ids';
import { encodeStatus } from '@muster/protocol/s6/status';
import { afterEach, beforeEach, expect, test } from 'vitest';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('the name that the executable is called by is the program', () => {
  expect(nameCommand('/command/with-contenv', ['bash', '/etc/cont-init.d/1'])).toEqual({
    name: 'overlay',
    rest: ['--', 'with-contenv', 'bash', '/etc/cont-init.d/1'],
  });
  expect(nameCommand('/run/s6/basedir/bin/halt', [])).toEqual({ name: 'overlay', rest: ['--', 'halt'] });
});

test('letters are run together, values are behind them or the next word, and the first operand ends them', () => {
  expect(flagsOf(['-uwU', '-T', '500', 'dir', '-x'], 'u', 'wT')).toEqual({
    given: [
      ['u', ''],
      ['w', 'U'],
      ['T', '500'],
    ],
    operands: ['dir', '-x'],
  });
  expect(flagsOf(['--', '-u'], 'u', '')).toEqual({ given: [], operands: ['-u'] });
  expect(flagsOf(['-z'], 'u', '')).toBeNull();
  expect(flagsOf(['-T'], '', 'T')).toBeNull();
});

test('of a script for s6-log, what rc-logger can do is taken, and the rest named', () => {
  expect(loggerOptions('n20 s1000000 T')).toEqual({
    options: ['--keep', '20', '--size', '1000000', '--timestamp', 'iso'],
    untaken: [],
  });
  expect(loggerOptions('t -debug n3')).toEqual({
    options: ['--keep', '3', '--timestamp', 'tai64n'],
    untaken: ['-debug'],
  });
});

test('users are names or numbers, with all their groups or with the one that is named', () => {
  expect(userIdsOf('root')).toMatchObject({ uid: 0, gid: 0 });
  expect(userIdsOf('4242:4343')).toEqual({ uid: 4242, gid: 4343, groups: [4343] });
  expect(userIdsOf('nobody-of-this-name')).toBeNull();
  expect(userIdsOf('root:nothing-of-this-name')).toBeNull();
});

test('a status that no supervisor holds is told as none', () => {
  mkdirSync(join(directory, 'supervise'));
  const status = {
    stamp: 0,
    readyStamp: 0,
    pid: 7,
    waitStatus: 0,
    paused: false,
    finishing: false,
    wantUp: true,
    ready: true,
  };
  writeFileSync(join(directory, 'supervise/status'), encodeStatus(status));
  expect(isSupervised([directory])).toBe(1);
  expect(tellStatus([directory])).toBe(1);
});
