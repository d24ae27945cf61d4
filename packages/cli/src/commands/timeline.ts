/** rc-timeline: when each service started and was ready in a change, the critical chain, and the slowest. */

import { type Timeline, timelineOf } from '@muster/control/timeline';
import { readEvents } from '@muster/store/live/events';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { rootOf } from '../arguments/paths.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { lookAt } from '../look.ts';
import { print, printsInColor, printsToTerminal } from '../output.ts';
import { complain } from '../render/complain.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { timelineSvg, timelineText } from '../render/timeline.ts';

const PROGRAM = 'rc-timeline';
const FORMATS = ['text', 'svg', 'json'];
/** Columns, where nobody says how many there are. */
const WIDTH = 100;

export const command: Command = {
  summary: 'Shows when each service started and was ready, and what the others waited for',
  options: {
    format: { short: 'f', value: 'FORMAT', choices: ['text', 'svg', 'json'], help: 'text (the default), svg or json' },
    boot: { help: 'the first change that is remembered, not the last' },
    json: { help: '--format json' },
    live: LIVE_OPTION,
  },
  examples: [
    ['rc-timeline', 'the last change'],
    ['rc-timeline --boot -f svg >boot.svg', 'a picture of the boot'],
  ],
  run,
};

function run(call: Call): number {
  const format = call.has('json') ? 'json' : (call.value('format') ?? 'text');
  if (!FORMATS.includes(format)) return wrongUsage(PROGRAM, `'${format}' is no format`);
  const looked = lookAt(rootOf(call));
  if (!looked.ok) return complainAboutProblem(PROGRAM, looked.problem);
  const opened = looked.value;
  const timeline = timelineOf(opened.database, readEvents(opened.live.paths), call.has('boot') ? 'first' : 'last');
  if (timeline === null) return complain(PROGRAM, 'nothing has been changed here yet', EXIT.failed);
  print(rendered(timeline, format));
  return EXIT.success;
}

function rendered(timeline: Timeline, format: string): string {
  switch (format) {
    case 'svg':
      return timelineSvg(timeline);
    case 'json':
      return `${JSON.stringify(asData(timeline))}\n`;
    default:
      return timelineText(timeline, {
        width: printsToTerminal() ? (process.stdout.columns ?? WIDTH) : WIDTH,
        color: printsInColor(),
      });
  }
}

function asData({ command: name, began, duration, bars }: Timeline) {
  return {
    version: 1,
    command: name,
    began: new Date(began).toISOString(),
    duration,
    critical: bars.filter(({ critical }) => critical).map((bar) => bar.name),
    steps: bars.map(({ name: service, began: start, ended, how, critical }) => ({
      service,
      began: start,
      ended,
      how,
      critical,
    })),
  };
}
