/**
 * rc-events: how every service is, and then every event, as it comes. Events are what changes recorded, with numbers; in
 * between, whatever state a service is seen in that it was not in before: a daemon that dies is nobody's change. It goes on
 * over updates, and ends with the live directory: another one counts its events anew.
 */

import type { Opened } from '@muster/control/open/read';
import { followSuccession } from '@muster/control/open/succession';
import { type ServiceStatus, statusesOf } from '@muster/control/status/service-status';
import { StateChanges } from '@muster/control/status/state-changes';
import { everyService } from '@muster/core/model/database';
import { EventTail } from '@muster/store/live/event-tail';
import { type RecordedEvent, readEvents } from '@muster/store/live/events';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { rootOf } from '../arguments/paths.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { lookAt } from '../look.ts';
import { print, tell } from '../output.ts';
import { recordedText } from '../render/events.ts';
import { complainAboutProblem } from '../render/problems.ts';

const PROGRAM = 'rc-events';
/** Milliseconds after which is looked even if the kernel said nothing. */
const LOOK = 500;

export const command: Command = {
  summary: 'Shows how every service is, and then what happens, as it happens, until the live directory ends',
  options: {
    since: { value: 'SEQ', help: 'no snapshot: everything after the event with this number' },
    once: { help: 'end after what has happened so far' },
    json: { help: 'as JSON, an object a line' },
    live: LIVE_OPTION,
  },
  examples: [
    ['rc-events --json', 'for programs: keep the last seq, and go on from it with --since'],
    ['rc-events --since 0 --once', 'everything that is still remembered'],
  ],
  run,
};

async function run(call: Call): Promise<number> {
  const since = call.value('since');
  if (since !== undefined && !/^\d{1,15}$/.test(since)) {
    return wrongUsage(PROGRAM, `'${since}' is no sequence number`);
  }
  const looked = lookAt(rootOf(call));
  if (!looked.ok) return complainAboutProblem(PROGRAM, looked.problem);
  const opened = looked.value;
  const lines = call.has('json') ? JSON_LINES : TEXT_LINES;
  // The snapshot is taken after the number: what happens between them is told twice, and never lost.
  const newest = readEvents(opened.live.paths).at(-1)?.seq ?? 0;
  const tail = new EventTail(opened.live.paths, since === undefined ? newest : Number(since));
  if (since === undefined) print(snapshot(opened, newest, lines));
  else if (tail.last > newest) {
    tell(`${PROGRAM}: there is no event ${since} here, as of another live directory: all that is remembered follows\n`);
    tail.last = 0;
  }
  print(tail.next().map(lines.event).join(''));
  if (!call.has('once')) await follow(opened, tail, lines);
  tail.close();
  return EXIT.success;
}

function snapshot(opened: Opened, seq: number, lines: Lines): string {
  return statusesOf(opened, everyService(opened.database))
    .map((status) => lines.state(status, seq))
    .join('');
}

interface Lines {
  event(event: RecordedEvent): string;
  /** A state that was seen has no number of its own: it stands after the last event, which has number `seq`. */
  state(status: ServiceStatus, seq: number): string;
  /** An update has removed it. */
  gone(name: string, seq: number): string;
}

const JSON_LINES: Lines = {
  event: ({ seq, at, event, ...fields }) =>
    `${JSON.stringify({ version: 1, seq, at: new Date(at).toISOString(), event, ...fields })}\n`,
  state: ({ name, state, record, pid }, seq) => {
    const now = { event: 'is', service: name, state: state.name, wanted: record.wanted, pid: pid > 0 ? pid : null };
    return `${JSON.stringify({ version: 1, seq, at: new Date().toISOString(), ...now })}\n`;
  },
  gone: (service, seq) =>
    `${JSON.stringify({ version: 1, seq, at: new Date().toISOString(), event: 'gone', service })}\n`,
};

const TEXT_LINES: Lines = {
  event: (event) => `${new Date(event.at).toISOString()}  ${recordedText(event)}\n`,
  state: ({ name, state, pid }) =>
    `${new Date().toISOString()}  ${name} is ${state.name} now${pid > 0 ? ` (pid ${pid})` : ''}\n`,
  gone: (name) => `${new Date().toISOString()}  ${name} is gone\n`,
};

/** Until interrupted, or until the live directory is removed or another one is in its place. */
function follow(first: Opened, tail: EventTail, lines: Lines): Promise<void> {
  const { root } = first.live.paths;
  const show = () => print(tail.next().map(lines.event).join(''));
  const seen = new StateChanges(first, {
    changed: (status) => {
      show();
      print(lines.state(status, tail.last));
    },
    gone: (name) => {
      show();
      print(lines.gone(name, tail.last));
    },
  });
  return new Promise((resolve, reject) => {
    const end = () => {
      following.close();
      seen.close();
      resolve();
    };
    const following = followSuccession(first, LOOK, {
      looks: () => {
        show();
        seen.lookAgain();
      },
      moved: (opened) => seen.moveTo(opened),
      ended: () => {
        tell(`${PROGRAM}: ${root} has ended\n`);
        end();
      },
      failed: (error) => {
        reject(error);
        seen.close();
      },
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  });
}
