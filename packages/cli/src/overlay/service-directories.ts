/** s6-svc, s6-svok, s6-svstat and s6-svwait: words with the supervisor of a service directory, by the files that it keeps there. */
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAbsent } from '@muster/posix/absence';
import { decodeStatus, exitOf, type Status } from '@muster/protocol/s6/status';
import { CONTROL_FIFO, SUPERVISE_STATUS } from '@muster/store/live/service-files';
import { print } from '../output.ts';
import { flagsOf, refuse, SYSTEM, USAGE } from './program.ts';

/** Milliseconds between looks at a status. */
const LOOK = 20;
/** Letters of s6-svc that go to the supervisor as they are; the others stand for several. */
const LETTERS = 'abqhkti12pcyrodDuUxOQ';
const SHORT_FORMS: Readonly<Record<string, string>> = { X: 'x' };
const NO_SUPERVISOR = 'no supervisor runs there';

export async function control(args: readonly string[]): Promise<number> {
  const flags = flagsOf(args, `${LETTERS}X`, 'wTs');
  const directory = flags?.operands[0];
  if (flags === null || directory === undefined)
    return refuse('s6-svc', 'usage: s6-svc [-LETTERS] [-wSTATE] [-T MS] DIRECTORY', USAGE);
  const value = (letter: string) => flags.given.findLast(([given]) => given === letter)?.[1];
  const letters = flags.given
    .map(([letter]) => SHORT_FORMS[letter] ?? letter)
    .filter((letter) => LETTERS.includes(letter));
  const before = statusOf(directory);
  const sent = send(directory, letters.join(''));
  if (sent !== null) return refuse('s6-svc', `${directory}: ${sent}`, SYSTEM);
  const way = value('w');
  if (way === undefined) return 0;
  if (!isWay(way)) return refuse('s6-svc', `-w takes one of u, U, d, D, r and R, not ${way}`, USAGE);
  return waitFor('s6-svc', [directory], way, Number(value('T') ?? 0), false, new Map([[directory, before]]));
}

export function isSupervised([directory]: readonly string[]): number {
  if (directory === undefined) return refuse('s6-svok', 'which directory?', USAGE);
  return send(directory, '') === null ? 0 : 1;
}

export function tellStatus(args: readonly string[]): number {
  const flags = flagsOf(args, 'uwNrpest', 'o');
  const directory = flags?.operands[0];
  if (flags === null || directory === undefined)
    return refuse('s6-svstat', 'usage: s6-svstat [-o FIELDS] DIRECTORY', USAGE);
  const status = statusOf(directory);
  if (status === null || send(directory, '') !== null) return refuse('s6-svstat', `${directory}: ${NO_SUPERVISOR}`, 1);
  const fields = flags.given.flatMap(([letter, value]) =>
    letter === 'o' ? value.split(',') : [FIELD_LETTERS[letter]!],
  );
  const unknown = fields.find((field) => !Object.hasOwn(FIELDS, field));
  if (unknown !== undefined) return refuse('s6-svstat', `there is no field ${unknown}`, USAGE);
  print(fields.length === 0 ? inWords(status) : `${fields.map((field) => FIELDS[field]!(status)).join(' ')}\n`);
  return 0;
}

export function waitForServices(args: readonly string[]): number | Promise<number> {
  const flags = flagsOf(args, 'uUdDrRoa', 't');
  if (flags === null || flags.operands.length === 0)
    return refuse('s6-svwait', 'usage: s6-svwait [-uUdDrR] [-o] [-t MS] DIRECTORY…', USAGE);
  const letters = flags.given.map(([letter]) => letter);
  const limit = Number(flags.given.findLast(([letter]) => letter === 't')?.[1] ?? 0);
  return waitFor('s6-svwait', flags.operands, letters.findLast(isWay) ?? 'u', limit, letters.includes('o'), new Map());
}

type Way = 'u' | 'U' | 'd' | 'D' | 'r' | 'R';

function isWay(text: string): text is Way {
  return /^[uUdDrR]$/.test(text);
}

/** `limit` in milliseconds, 0 for none. `before`: what was there when something was asked for, so that a restart is seen. */
async function waitFor(
  program: string,
  directories: readonly string[],
  way: Way,
  limit: number,
  isAnyEnough: boolean,
  before: ReadonlyMap<string, Status | null>,
): Promise<number> {
  const deadline = performance.now() + limit;
  for (;;) {
    const statuses = directories.map((directory) => [statusOf(directory), before.get(directory)] as const);
    const unsupervised = directories.find((_, index) => statuses[index]![0] === null);
    if (unsupervised !== undefined) return refuse(program, `${unsupervised}: ${NO_SUPERVISOR}`, 1);
    const isSo = ([status, earlier]: (typeof statuses)[number]) => isIn(way, status!, earlier ?? null);
    if (isAnyEnough ? statuses.some(isSo) : statuses.every(isSo)) return 0;
    if (limit > 0 && performance.now() > deadline) return refuse(program, 'timed out', 99);
    await sleep(LOOK);
  }
}

function isIn(way: Way, status: Status, before: Status | null): boolean {
  const isUp = status.pid !== 0 && !status.finishing;
  switch (way) {
    case 'u':
      return isUp;
    case 'U':
      return isUp && status.ready;
    case 'd':
      return !isUp;
    case 'D':
      return status.pid === 0 && status.ready;
    case 'r':
      return isUp && status.pid !== before?.pid;
    case 'R':
      return isUp && status.ready && status.pid !== before?.pid;
  }
}

function statusOf(directory: string): Status | null {
  try {
    return decodeStatus(readFileSync(join(directory, SUPERVISE_STATUS))) ?? null;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** Why it could not be sent, or null. Nothing may be sent, to see whether somebody listens. */
function send(directory: string, letters: string): string | null {
  try {
    const fifo = openSync(join(directory, CONTROL_FIFO), constants.O_WRONLY | constants.O_NONBLOCK);
    if (letters !== '') writeSync(fifo, letters);
    closeSync(fifo);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENXIO' || code === 'ENOENT' ? NO_SUPERVISOR : (code ?? String(error));
  }
}

const FIELD_LETTERS: Readonly<Record<string, string>> = {
  u: 'up',
  w: 'wantedup',
  r: 'ready',
  p: 'pid',
  e: 'exitcode',
  s: 'signal',
  t: 'updownfor',
};
const isUp = ({ pid, finishing }: Status) => pid !== 0 && !finishing;
const seconds = (stamp: number) => Math.max(0, Math.floor((Date.now() - stamp) / 1000));
const FIELDS: Readonly<Record<string, (status: Status) => string | number | boolean>> = {
  up: isUp,
  wantedup: ({ wantUp }) => wantUp,
  ready: (status) => isUp(status) && status.ready,
  paused: ({ paused }) => paused,
  pid: (status) => (isUp(status) ? status.pid : -1),
  exitcode: (status) => (isUp(status) ? -1 : exitOf(status.waitStatus).code),
  signal: (status) => (isUp(status) ? -1 : exitOf(status.waitStatus).signal || -1),
  updownsince: ({ stamp }) => Math.floor(stamp / 1000),
  updownfor: ({ stamp }) => seconds(stamp),
  readyfor: ({ readyStamp }) => seconds(readyStamp),
};

function inWords(status: Status): string {
  const since = `${seconds(status.stamp)} seconds`;
  if (isUp(status))
    return `up (pid ${status.pid}) ${since}${status.ready ? `, ready ${seconds(status.readyStamp)} seconds` : ''}\n`;
  const { code, signal } = exitOf(status.waitStatus);
  const how = signal === 0 ? `exitcode ${code}` : `signal ${signal}`;
  return `down (${how}) ${since}${status.wantUp ? ', want up' : ''}\n`;
}
