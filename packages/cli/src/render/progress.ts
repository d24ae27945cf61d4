/** What a change does while it does it: plain lines on standard error, or one JSON object a line on standard output. */
import { namedEvent } from '@muster/core/execute/named-event';
import type { UnreadOrder } from '@muster/core/execute/outcome';
import type { Event, EventSink } from '@muster/core/execute/ports';
import type { Database, ServiceId } from '@muster/core/model/database';
import type { Exit } from '@muster/core/model/observation';
import type { FailureCause } from '@muster/core/model/record';
import { remainsText } from '@muster/protocol/remains';
import { formatDuration } from '../duration.ts';
import { VERBS } from './verbs.ts';

/** Of the first column, in which the kind of an event stands. */
const WIDTH = 8;

export function plainProgress(database: Database, write: (line: string) => void): EventSink {
  return {
    emit: (event) => {
      const line = eventLine(database, event);
      if (line !== null) write(`${line}\n`);
    },
  };
}

/** `failed   web  start timed out after 10 s`; `paint` colors the first word. Null means nothing to be said of it now. */
export function eventLine(database: Database, event: Event, paint = (label: string) => label): string | null {
  if (event.event === 'left-running')
    return `${paint('left running:')} ${database.names[event.service]}: ${remainsText(event)}`;
  const text = eventText(database, event);
  return text === null ? null : `${paint(event.event.padEnd(WIDTH))} ${text}`;
}

/** Null means nothing to be said of it now. */
function eventText(database: Database, event: Exclude<Event, { readonly event: 'left-running' }>): string | null {
  const { names } = database;
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
      return `${name}  ${holderText(database, event)}`;
    case 'failed':
      return `${name}  ${failureText(event.action, event)}${unreadText(event.unread) ?? aliveText(database, event)}`;
    case 'died':
      return `${name}  ${deathText(event.exit)}`;
    case 'skipped':
      // The summary tells of all of them at once.
      return null;
    case 'asks':
      return `${name}  waits for an answer: rc-answer ${name}`;
    case 'overruled':
      return `${name}  process ${event.by} has asked for the opposite since`;
    default:
      return event satisfies never;
  }
}

/** `start timed out after 10 s`, `start failed: it exited with 3`. `elapsed` null if nobody knows. */
export function failureText(
  action: keyof typeof VERBS,
  how: {
    readonly cause: FailureCause;
    readonly exit: Exit | null;
    readonly elapsed: number | null;
    readonly odd?: string;
  },
): string {
  const phase = VERBS[action];
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
      return `${phase} failed: ${how.odd ?? 'no supervisor answers (rc-init starts it again)'}`;
    case 'unexecutable':
      return `${phase} failed: its run cannot be executed`;
    case 'cancelled':
      return `${phase} was given up${after}`;
    case 'none':
    case 'unfinished':
      return `${phase} failed`;
    default:
      return how.cause satisfies never;
  }
}

/** Why a step cannot begin: somebody else works on that service. */
export function holderText({ names }: Database, { on, holder }: Event & { readonly event: 'waiting' }): string {
  return `${names[on]} is held by ${holder ?? 'another command'}`;
}

/** Of what had come up. */
function deathText(exit: Exit | null): string {
  return `soon after it came up: ${exitText(exit)}`;
}

/** What becomes of an order that the supervisor, which may be stopped, has not read. */
function unreadText(unread: UnreadOrder | undefined): string | null {
  switch (unread) {
    case undefined:
      return null;
    case 'withdrawn':
      return ': its supervisor had not read the order, which is withdrawn';
    case 'left':
      return ': its supervisor has not read the order, and will do it when it goes on';
    default:
      return unread satisfies never;
  }
}

/** ` (run is alive, no readiness on descriptor 3)`, or nothing. */
function aliveText(
  database: Database,
  failure: {
    readonly service: ServiceId;
    readonly action: keyof typeof VERBS;
    readonly alive: boolean;
    readonly cause: FailureCause;
  },
): string {
  if (!failure.alive || failure.cause !== 'timeout') return '';
  if (failure.action !== 'up') return ' (it still runs)';
  const definition = database.definition(failure.service);
  if (definition.type === 'oneshot') return ' (the script was running)';
  if (definition.notificationFd !== null) {
    return ` (run is alive, no readiness on descriptor ${definition.notificationFd})`;
  }
  return definition.readyCheck === null ? ' (run is alive)' : ' (run is alive, ready-check does not succeed)';
}

export function exitText(exit: Exit | null): string {
  if (exit === null) return 'nobody knows how it ended';
  return exit.signal === 0 ? `it exited with ${exit.code}` : `it was killed by signal ${exit.signal}`;
}

/** `{version, seq, at, event, service, …}`, a line each; services by name. */
export function jsonProgress(
  { names }: Database,
  write: (line: string) => void,
  nextSequence: () => number,
): EventSink {
  return {
    emit: (event) => {
      const at = new Date().toISOString();
      write(`${JSON.stringify({ version: 1, seq: nextSequence(), at, ...namedEvent(names, event) })}\n`);
    },
  };
}
