/**
 * Oneshots run as children of the supervision tree, never of the command that asks for it. What the two say to each other
 * lies in the live directory:
 *
 *     oneshots/control         FIFO; a line `VERB ID LENDER NAME` each: up, down, reload, or kill (what runs now).
 *                              ID is the requester's, without blanks, and shows in `status` that the request was
 *                              taken; one that was lost with its runner can be repeated without being carried out twice.
 *                              LENDER lends the script a terminal, if it may ask (console.ts); `-`: nobody does
 *     services/NAME/up         a script, or `up.argv`: words ended by NUL; likewise `down` and `reload`
 *     services/NAME/answer     FIFO: what is written there comes to a script that asks and has no terminal
 *     services/NAME/status     what runs and what ended last; replaced by a rename, so that it can be watched
 *     services/NAME/exit       exit status of the script, written by the shell around it, which outlives the runner
 */

import type { Exit, LeftSession, OneshotObservation } from '@muster/core/model/observation';
import { ANSWER_FIFO } from '@muster/store/live/service-files';

export type OneshotAction = 'up' | 'down' | 'reload';
export type Verb = OneshotAction | 'kill';

const ACTIONS: readonly OneshotAction[] = ['up', 'down', 'reload'];
const VERBS: readonly Verb[] = [...ACTIONS, 'kill'];

/** A process with a terminal: `descriptor` is one of its own. */
export interface Lender {
  readonly pid: number;
  /** Of the process, in clock ticks after boot: together with the pid it names one process. */
  readonly startTime: number;
  readonly descriptor: number;
}

export interface Request {
  readonly verb: Verb;
  readonly id: string;
  readonly name: string;
  readonly lender: Lender | null;
}

export interface RunningScript {
  readonly action: OneshotAction;
  /** The id of the request that it was run for. */
  readonly request: string;
  readonly pid: number;
  /** Of the process, in clock ticks after boot (from /proc). */
  readonly startTime: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Whose terminal it has, or that it is answered through the FIFO; null if it may not ask. */
  readonly console: Lender | 'answer' | null;
  /** When it is killed, if it was told to end, in milliseconds since boot; otherwise 0. */
  readonly killAt: number;
}

export interface EndedScript {
  readonly action: OneshotAction;
  readonly request: string;
  /** Null if it ended while nobody could learn how. */
  readonly exit: Exit | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Absent if it left nothing running. */
  readonly left?: LeftSession;
}

export interface OneshotStatus {
  readonly running: RunningScript | null;
  readonly last: EndedScript | null;
}

export const NEVER_RUN: OneshotStatus = { running: null, last: null };

export function controlPath(oneshots: string): string {
  return `${oneshots}/control`;
}

export function answerPath(directory: string): string {
  return `${directory}/${ANSWER_FIFO}`;
}

export function encodeRequest({ verb, id, name, lender }: Request): string {
  return `${verb} ${id} ${lender === null ? '-' : encodeLender(lender)} ${name}\n`;
}

/** `line` without its end. Null if it is no request. */
export function decodeRequest(line: string): Request | null {
  const [word, id, lender, ...rest] = line.split(' ');
  const name = rest.join(' ');
  const verb = VERBS.find((known) => known === word);
  if (verb === undefined || !id || lender === undefined) return null;
  if (name === '' || name.startsWith('.') || name.includes('/')) return null;
  return { verb, id, name, lender: lender === '-' ? null : decodeLender(lender) };
}

/** Whether `status` answers the request of this id, or will. */
export function hasTaken({ running, last }: OneshotStatus, id: string): boolean {
  return running?.request === id || last?.request === id;
}

function encodeLender({ pid, startTime, descriptor }: Lender): string {
  return `${pid}:${startTime}:${descriptor}`;
}

function decodeLender(text: string): Lender | null {
  const [pid = 0, startTime = 0, descriptor = -1] = text.split(':').map(Number);
  return pid > 0 && startTime > 0 && descriptor >= 0 ? { pid, startTime, descriptor } : null;
}

/**
 * Two lines: `ACTION REQUEST PID START-TIME SINCE [LENDER, answer or - [KILL-AT]]` or `-`, and
 * `ACTION REQUEST CODE SIGNAL AT [LEADER:ENDED-AT]` or `-`; `? ?` for an unknown exit.
 */
export function encodeOneshotStatus({ running, last }: OneshotStatus): string {
  const first = running === null ? '-' : encodeRunning(running);
  return `${first}\n${last === null ? '-' : encodeEnded(last)}\n`;
}

function encodeEnded({ action, request, exit, at, left }: EndedScript): string {
  const how = exit === null ? '? ?' : `${exit.code} ${exit.signal}`;
  return `${action} ${request} ${how} ${at}${left === undefined ? '' : ` ${left.leader}:${left.endedAt}`}`;
}

function encodeRunning({ action, request, pid, startTime, since, console, killAt }: RunningScript): string {
  const head = `${action} ${request} ${pid} ${startTime} ${since}`;
  if (console === null && killAt === 0) return head;
  const desk = console === null ? '-' : console === 'answer' ? console : encodeLender(console);
  return killAt === 0 ? `${head} ${desk}` : `${head} ${desk} ${killAt}`;
}

/** Null if the text is not a status. */
export function decodeOneshotStatus(text: string): OneshotStatus | null {
  const [first, second] = text.split('\n');
  if (first === undefined || second === undefined) return null;
  const running = first === '-' ? null : decodeRunning(first.split(' '));
  const last = second === '-' ? null : decodeEnded(second.split(' '));
  return running === undefined || last === undefined ? null : { running, last };
}

export function observationOf({ running, last }: OneshotStatus): OneshotObservation {
  return {
    kind: 'oneshot',
    running: running?.action ?? null,
    pid: running?.pid ?? 0,
    since: running?.since ?? last?.at ?? 0,
    ...(running?.console ? { asks: running.console === 'answer' ? 'answer' : 'terminal' } : {}),
    last: last === null ? null : { action: last.action, exit: last.exit, at: last.at, ...leftOf(last) },
  };
}

function decodeRunning([action, request, pid, startTime, since, desk, killAt = '0']: string[]):
  | RunningScript
  | undefined {
  const known = ACTIONS.find((name) => name === action);
  if (known === undefined || request === undefined || since === undefined) return undefined;
  const console = desk === undefined || desk === 'answer' ? (desk ?? null) : decodeLender(desk);
  const numbers = { pid: Number(pid), startTime: Number(startTime), since: Number(since), killAt: Number(killAt) };
  return { action: known, request, console, ...numbers };
}

function leftOf({ left }: EndedScript): { readonly left?: LeftSession } {
  return left === undefined ? {} : { left };
}

function decodeEnded([action, request, code, signal, at, session]: string[]): EndedScript | undefined {
  const known = ACTIONS.find((name) => name === action);
  if (known === undefined || request === undefined || at === undefined) return undefined;
  const exit = code === '?' ? null : { code: Number(code), signal: Number(signal) };
  const [leader = 0, endedAt = 0] = session?.split(':').map(Number) ?? [];
  return { action: known, request, exit, at: Number(at), ...(leader > 0 ? { left: { leader, endedAt } } : {}) };
}
