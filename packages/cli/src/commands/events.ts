/**
 * rc-events: how every service is, and then every event, as it comes. Events are what changes recorded, with numbers; in
 * between, whatever state a service is seen in that it was not in before: a daemon that dies is nobody's change.
 */
import { watch } from 'node:fs';
import type { Watch } from '@muster/core/execute/ports';
import { type RecordedEvent, readEvents } from '@muster/store/live/events';
import { supervisorOf } from '@muster/supervise/supervisors';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { type Opened, openForReading, rootOf } from '../open/read.ts';
import { print } from '../output.ts';
import { complainAbout } from '../render/complain.ts';
import { recordedText } from '../render/events.ts';
import { everyService, type ServiceStatus, statusesOf } from '../status.ts';

const PROGRAM = 'rc-events';
/** Milliseconds after which is looked even if the kernel said nothing. */
const LOOK = 500;

export const command: Command = {
  summary: 'Shows how every service is, and then what happens, as it happens',
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
  const opened = openForReading(rootOf(call));
  if (opened.kind === 'refused') return complainAbout(opened.diagnostic);
  const { paths } = opened.live;
  const lines = call.has('json') ? JSON_LINES : TEXT_LINES;
  // The snapshot is taken after the number: what happens between them is told twice, and never lost.
  let last = since === undefined ? (readEvents(paths).at(-1)?.seq ?? 0) : Number(since);
  if (since === undefined) print(snapshot(opened, last, lines));
  const show = () => {
    const events = readEvents(paths, last);
    last = events.at(-1)?.seq ?? last;
    print(events.map(lines.event).join(''));
  };
  show();
  if (call.has('once')) return EXIT.success;
  const observed = watchStates(opened, (status) => {
    show();
    print(lines.state(status, last));
  });
  await follow(paths.root, show);
  observed.close();
  return EXIT.success;
}

/** Calls `changed` with every service that is in another state than before, whoever brought it there. */
function watchStates(opened: Opened, changed: (status: ServiceStatus) => void): Watch {
  const services = everyService(opened.database);
  const known = new Map(statusesOf(opened, services).map(({ service, state }) => [service, state.name]));
  return supervisorOf(opened).watch(services, (service) => {
    const [status] = statusesOf(opened, [service]);
    if (status === undefined || known.get(service) === status.state.name) return;
    known.set(service, status.state.name);
    changed(status);
  });
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
}

const JSON_LINES: Lines = {
  event: ({ seq, at, event, ...fields }) =>
    `${JSON.stringify({ version: 1, seq, at: new Date(at).toISOString(), event, ...fields })}\n`,
  state: ({ name, state, record }, seq) => {
    const at = new Date().toISOString();
    const now = { version: 1, seq, at, event: 'is', service: name, state: state.name, wanted: record.wanted };
    return `${JSON.stringify(now)}\n`;
  },
};

const TEXT_LINES: Lines = {
  event: (event) => `${new Date(event.at).toISOString()}  ${recordedText(event)}\n`,
  state: ({ name, state }) => `${new Date().toISOString()}  ${name} is ${state.name} now\n`,
};

/** Until interrupted. */
function follow(directory: string, show: () => void): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(directory, show);
    const looks = setInterval(show, LOOK);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        watcher.close();
        clearInterval(looks);
        resolve();
      });
    }
  });
}
