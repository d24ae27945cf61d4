/** rc-log: what services wrote, merged by time, the name in front. */

import type { LogEntry } from '@muster/supervise/logs/entry';
import { Follower } from '@muster/supervise/logs/follow';
import { labelled } from '@muster/supervise/logs/label';
import { type Extent, lastEntries } from '@muster/supervise/logs/log-files';
import { merged, type NamedEntry } from '@muster/supervise/logs/merge';
import { catchAllOf, logDirectoryOf } from '@muster/supervise/logs/sources';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { parseDuration } from '../duration.ts';
import { EXIT } from '../exit-codes.ts';
import type { Opened } from '../open/read.ts';
import { openSelected } from '../open/select.ts';
import { print, printsToTerminal, tell } from '../output.ts';
import { visible } from '../render/visible.ts';

const PROGRAM = 'rc-log';
/** Lines that -f begins with. */
const LINES_BEFORE = 10;
/** Milliseconds between looks for logs that are not there yet. */
const LOOK = 200;
const EVERYTHING: Extent = { count: Number.POSITIVE_INFINITY, since: Number.NEGATIVE_INFINITY };

interface Log {
  readonly directory: string;
  /** Undefined if the line is of a service that nobody asked for. */
  readonly named: (entry: LogEntry) => NamedEntry | undefined;
  /** Holds lines of many services: which of them are the last ones is known when they have been looked at. */
  readonly isShared: boolean;
  /** Worth a word if it is not there. */
  readonly isExpected: boolean;
}

export const command: Command = {
  summary: 'Shows what services wrote, merged by time',
  operands: '[NAME…]',
  options: {
    follow: { short: 'f', help: 'go on with what they write, until interrupted' },
    lines: { short: 'n', value: 'COUNT', help: `only the last lines (with -f: ${LINES_BEFORE})` },
    since: { value: 'TIME', help: 'only what is newer: 10m, or 2026-01-31T12:00' },
    json: { help: 'as JSON, an object a line' },
    live: LIVE_OPTION,
  },
  examples: [
    ['rc-log -f web worker', 'what both write, as it comes'],
    ['rc-log --since 10m', 'everything of the last ten minutes'],
  ],
  run,
};

async function run(call: Call): Promise<number> {
  const extent = extentOf(call);
  if (typeof extent === 'string') return wrongUsage(PROGRAM, extent);
  const opened = openSelected(PROGRAM, call);
  if (typeof opened === 'number') return opened;
  opened.records.close();
  const chosen = call.operands.length === 0 ? null : new Set(opened.chosen);
  const logs = logsOf(opened, chosen);
  let width = 0;
  const shown = printsToTerminal() ? visible : (text: string) => text;
  const show = (entries: readonly NamedEntry[]) => {
    for (const { service } of entries) width = Math.max(width, service.length);
    print(call.has('json') ? asJson(entries) : asText(entries, width, shown));
  };

  const odd = new Set<string>();
  const note = (message: string) => odd.add(message);
  if (!call.has('follow')) {
    const entries = logs.map((log) => namedEntries(log, lastEntries(log.directory, extentIn(log, extent), note)));
    show(lastOf(entries, extent));
    return tellOdd(odd);
  }
  return await follow(logs, extent, show);
}

/** The rest has been shown. */
function tellOdd(odd: ReadonlySet<string>): number {
  for (const message of odd) tell(`${PROGRAM}: not shown: ${visible(message)}\n`);
  return odd.size === 0 ? EXIT.success : EXIT.failed;
}

/** All that there is, or a message that says what is wrong. */
function extentOf(call: Call): Extent | string {
  const lines = call.value('lines') ?? (call.has('follow') && !call.has('since') ? String(LINES_BEFORE) : undefined);
  if (lines !== undefined && !/^\d{1,9}$/.test(lines)) return `'${lines}' is no number of lines`;
  const since = call.value('since');
  const time = since === undefined ? Number.NEGATIVE_INFINITY : timeOf(since);
  if (time === null) return `'${since}' is no time: write 10m, or 2026-01-31T12:00`;
  return { count: lines === undefined ? Number.POSITIVE_INFINITY : Number(lines), since: time };
}

function timeOf(text: string): number | null {
  const ago = parseDuration(text);
  const time = ago === null ? Date.parse(text) : Date.now() - ago;
  return Number.isNaN(time) ? null : time;
}

/** One for each directory (several services may write to one logger), and what of the catch-all is about those chosen. */
function logsOf({ live, database }: Opened, chosen: ReadonlySet<number> | null): Log[] {
  const logs = new Map<string, Log>();
  const names = new Set<string>();
  let isAnyWithout = chosen === null;
  for (const [service, name] of database.names.entries()) {
    if (chosen !== null && !chosen.has(service)) continue;
    names.add(name);
    const directory = logDirectoryOf(database, service);
    if (directory === null) isAnyWithout = true;
    else if (!logs.has(directory)) {
      const named = (entry: LogEntry) => ({ ...entry, service: name });
      logs.set(directory, { directory, named, isShared: false, isExpected: true });
    }
  }
  const directory = catchAllOf(live.paths.root);
  const isChosen = (service: string) => chosen === null || names.has(service);
  const named = (entry: LogEntry) => {
    const { service, text } = labelled(entry.text);
    return isChosen(service) ? { ...entry, service, text } : undefined;
  };
  return [...logs.values(), { directory, named, isShared: true, isExpected: isAnyWithout }];
}

/** What has to be looked at of one log, to have `extent` of all. */
function extentIn({ isShared }: Log, extent: Extent): Extent {
  return isShared ? { ...extent, count: Number.POSITIVE_INFINITY } : extent;
}

function namedEntries({ named }: Log, entries: readonly LogEntry[]): NamedEntry[] {
  return entries.map(named).filter((entry) => entry !== undefined);
}

function lastOf(logs: readonly (readonly NamedEntry[])[], extent: Extent): NamedEntry[] {
  const all = merged(logs);
  return all.length > extent.count ? all.slice(all.length - extent.count) : all;
}

/** Until interrupted. What comes at the same moment is merged by time; then it is shown as it comes. */
async function follow(logs: readonly Log[], extent: Extent, show: (entries: NamedEntry[]) => void): Promise<number> {
  let waiting: (readonly NamedEntry[])[] = [];
  const showWaiting = () => {
    show(merged(waiting));
    waiting = [];
  };
  const followers: Follower[] = [];
  const odd = new Set<string>();
  const begin = (log: Log, wanted: Extent): NamedEntry[] | null => {
    const take = (entries: readonly LogEntry[]) => {
      if (waiting.length === 0) setImmediate(showWaiting);
      waiting.push(namedEntries(log, entries));
    };
    try {
      const follower = new Follower(log.directory, extentIn(log, wanted), take, (message) => odd.add(message));
      followers.push(follower);
      return namedEntries(log, follower.before);
    } catch {
      return null;
    }
  };
  const first = logs.map((log) => begin(log, extent));
  show(
    lastOf(
      first.filter((entries) => entries !== null),
      extent,
    ),
  );
  const status = tellOdd(odd);
  let missing = logs.filter((_, index) => first[index] === null);
  for (const { directory, isExpected } of missing) {
    if (isExpected) tell(`${PROGRAM}: nothing has been written to ${directory} yet\n`);
  }
  // Nobody tells of a directory that is made, whose parent may be missing as well.
  const timer = setInterval(() => {
    missing = missing.filter((log) => {
      const entries = begin(log, EVERYTHING);
      if (entries !== null) show(entries);
      return entries === null;
    });
  }, LOOK);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  clearInterval(timer);
  for (const follower of followers) follower.close();
  return status;
}

function asJson(entries: readonly NamedEntry[]): string {
  return entries
    .map(({ service, at, text }) => `${JSON.stringify({ version: 1, service, at: timeText(at), text })}\n`)
    .join('');
}

/** `width`: of the names. */
function asText(entries: readonly NamedEntry[], width: number, shown: (text: string) => string): string {
  return entries
    .map(
      ({ service, at, text }) => `${service.padEnd(width)}  ${at === null ? '' : `${timeText(at)}  `}${shown(text)}\n`,
    )
    .join('');
}

function timeText(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
