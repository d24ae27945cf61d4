/** What a change does while it does it: plain lines on standard error, or one JSON object a line on standard output. */
import type { Event, EventSink } from '@muster/core/execute/ports';
import type { Database } from '@muster/core/model/database';
import type { Exit } from '@muster/core/model/observation';
import type { FailureCause } from '@muster/core/model/record';
import { formatDuration } from '../duration.ts';

/** Width of the first column. */
const WIDTH = 9;

export function plainProgress({ names }: Database, write: (line: string) => void): EventSink {
  return {
    emit: (event) => {
      const text = plainText(names, event);
      if (text !== null) write(`${event.event.padEnd(WIDTH)}${text}\n`);
    },
  };
}

function plainText(names: readonly string[], event: Event): string | null {
  const name = names[event.service]!;
  switch (event.event) {
    case 'starting':
    case 'stopping':
    case 'reloading':
      return null;
    case 'up':
    case 'ready':
    case 'down':
    case 'reloaded':
      return `${name}  ${formatDuration(event.elapsed)}`;
    case 'waiting':
      return `${name}  ${names[event.on]} is held by ${event.holder ?? 'another command'}`;
    case 'failed':
      return `${name}  ${failureText(event.action, event)}`;
    case 'skipped':
      return `${name}  (because of ${names[event.because]})`;
    case 'overruled':
      return `${name}  process ${event.by} has asked for the opposite since`;
    default:
      return event satisfies never;
  }
}

const PHASES = { up: 'start', down: 'stop', reload: 'reload' } as const;

/** `start timed out after 10 s`, `start failed: it exited with 3`. `elapsed` null: nobody knows. */
export function failureText(
  action: keyof typeof PHASES,
  how: { readonly cause: FailureCause; readonly exit: Exit | null; readonly elapsed: number | null },
): string {
  const phase = PHASES[action];
  const after = how.elapsed === null ? '' : ` after ${formatDuration(how.elapsed)}`;
  switch (how.cause) {
    case 'exited':
    case 'gave-up': {
      const end = how.cause === 'gave-up' ? ', and will not be started again' : '';
      return `${phase} failed: ${exitText(how.exit)}${end}`;
    }
    case 'timeout':
      return `${phase} timed out${after}`;
    case 'unsupervised':
      return `${phase} failed: no supervisor answers (rc-init starts it again)`;
    case 'cancelled':
      return `${phase} was given up${after}`;
    case 'none':
      return `${phase} failed`;
    default:
      return how.cause satisfies never;
  }
}

export function exitText(exit: Exit | null): string {
  if (exit === null) return 'nobody knows how it ended';
  return exit.signal === 0 ? `it exited with ${exit.code}` : `it was killed by signal ${exit.signal}`;
}

/** `{version, seq, at, event, service, …}`, a line each; services by name. */
export function jsonProgress({ names }: Database, write: (line: string) => void): EventSink & { next(): number } {
  let seq = 0;
  return {
    emit: (event) => {
      const named = Object.fromEntries(
        Object.entries(event).map(([key, value]) => [key, isServiceKey(key) ? names[value as number] : value]),
      );
      write(`${JSON.stringify({ version: 1, seq: ++seq, at: new Date().toISOString(), ...named })}\n`);
    },
    next: () => ++seq,
  };
}

function isServiceKey(key: string): boolean {
  return key === 'service' || key === 'on' || key === 'because';
}
