/**
 * Oneshots run as children of the supervision tree, never of the command that asks for it. What the two say to each other
 * lies in the live directory:
 *
 *     oneshots/control         FIFO; a line `VERB NAME` each: up, down, reload, or kill (what runs now)
 *     services/NAME/up         a script, or `up.argv`: words ended by NUL; likewise `down` and `reload`
 *     services/NAME/status     what runs and what ended last; replaced by a rename, so that it can be watched
 *     services/NAME/exit       exit status of the script, written by the shell around it, which outlives the runner
 */
import type { Exit, OneshotObservation } from '@muster/core/model/observation';

export type OneshotAction = 'up' | 'down' | 'reload';
export type Verb = OneshotAction | 'kill';

const ACTIONS: readonly OneshotAction[] = ['up', 'down', 'reload'];

export interface RunningScript {
  readonly action: OneshotAction;
  readonly pid: number;
  /** Of the process, in clock ticks after boot (from /proc). */
  readonly startTime: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

export interface EndedScript {
  readonly action: OneshotAction;
  /** Null: it ended while nobody could learn how. */
  readonly exit: Exit | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface OneshotStatus {
  readonly running: RunningScript | null;
  readonly last: EndedScript | null;
}

export const NEVER_RUN: OneshotStatus = { running: null, last: null };

export function controlPath(oneshots: string): string {
  return `${oneshots}/control`;
}

/** Two lines: `ACTION PID START-TIME SINCE` or `-`, and `ACTION CODE SIGNAL AT` or `-`; `? ?` for an unknown exit. */
export function encodeOneshotStatus({ running, last }: OneshotStatus): string {
  const first = running === null ? '-' : `${running.action} ${running.pid} ${running.startTime} ${running.since}`;
  const exit = last?.exit ? `${last.exit.code} ${last.exit.signal}` : '? ?';
  return `${first}\n${last === null ? '-' : `${last.action} ${exit} ${last.at}`}\n`;
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
    last,
  };
}

function decodeRunning([action, pid, startTime, since]: string[]): RunningScript | undefined {
  const known = ACTIONS.find((name) => name === action);
  if (known === undefined || since === undefined) return undefined;
  return { action: known, pid: Number(pid), startTime: Number(startTime), since: Number(since) };
}

function decodeEnded([action, code, signal, at]: string[]): EndedScript | undefined {
  const known = ACTIONS.find((name) => name === action);
  if (known === undefined || at === undefined) return undefined;
  const exit = code === '?' ? null : { code: Number(code), signal: Number(signal) };
  return { action: known, exit, at: Number(at) };
}
