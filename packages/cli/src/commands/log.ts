/** rc-log: what services wrote, merged by time, the name in front. */

import { type Extent, lastEntries } from '@muster/control/logs/log-files';
import type { NamedEntry } from '@muster/control/logs/merge';
import { extentIn, lastOf, logsOf, namedEntries } from '@muster/control/logs/selection';
import type { Selected } from '@muster/control/open/select';
import { failure, type Result, success } from '@muster/core/result';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { parseDuration } from '../duration.ts';
import { EXIT } from '../exit-codes.ts';
import { followLogs } from '../log/follow.ts';
import { unkeptTexts } from '../log/unkept.ts';
import { lookAtSelected } from '../look.ts';
import { print, printsToTerminal, tell } from '../output.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { visible } from '../render/visible.ts';

const PROGRAM = 'rc-log';
/** Lines that -f begins with. */
const LINES_BEFORE = 10;

export const command: Command = {
  summary: 'Shows what services wrote, merged by time',
  operands: '[NAME…]',
  options: {
    follow: { short: 'f', help: 'go on with what they write, over updates, until the live directory ends' },
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
  const asked = extentOf(call);
  if (!asked.ok) return wrongUsage(PROGRAM, asked.problem);
  const extent = asked.value;
  const looked = lookAtSelected(call);
  if (!looked.ok) return complainAboutProblem(PROGRAM, looked.problem);
  const opened = looked.value;
  let width = 0;
  const shown = printsToTerminal() ? visible : (text: string) => text;
  const show = (entries: readonly NamedEntry[]) => {
    for (const { service } of entries) width = Math.max(width, service.length);
    print(call.has('json') ? asJson(entries) : asText(entries, width, shown));
  };
  if (call.has('follow')) return await followLogs(opened, { names: call.operands, extent, show });
  return showOnce(opened, call.operands, extent, show);
}

/** Named services whose lines nobody keeps make it fail; of all services it is only said. */
function showOnce(
  opened: Selected,
  names: readonly string[],
  extent: Extent,
  show: (entries: readonly NamedEntry[]) => void,
): number {
  opened.records.close();
  const { logs, unkept } = logsOf(opened, names);
  const odd = new Set<string>();
  const note = (message: string) => odd.add(message);
  const entries = logs.map((log) => namedEntries(log, lastEntries(log.directory, extentIn(log, extent), note)));
  show(lastOf(entries, extent));
  for (const text of unkeptTexts(opened, unkept)) tell(`${PROGRAM}: ${text}\n`);
  for (const message of odd) tell(`${PROGRAM}: not shown: ${visible(message)}\n`);
  return odd.size > 0 || (names.length > 0 && unkept.length > 0) ? EXIT.failed : EXIT.success;
}

/** A problem: what is wrong with the options. */
function extentOf(call: Call): Result<Extent, string> {
  const lines = call.value('lines') ?? (call.has('follow') && !call.has('since') ? String(LINES_BEFORE) : undefined);
  if (lines !== undefined && !/^\d{1,9}$/.test(lines)) return failure(`'${lines}' is no number of lines`);
  const since = call.value('since');
  const time = since === undefined ? Number.NEGATIVE_INFINITY : timeOf(since);
  if (time === null) return failure(`'${since}' is no time: write 10m, or 2026-01-31T12:00`);
  return success({ count: lines === undefined ? Number.POSITIVE_INFINITY : Number(lines), since: time });
}

function timeOf(text: string): number | null {
  const ago = parseDuration(text);
  const time = ago === null ? Date.parse(text) : Date.now() - ago;
  return Number.isNaN(time) ? null : time;
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
