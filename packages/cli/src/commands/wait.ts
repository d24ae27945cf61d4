/** rc-wait: until services are up, ready, done or down. */
import { type Waited, waitFor } from '@muster/control/wait';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { rootOf } from '../arguments/paths.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { callerOf } from '../caller.ts';
import { EXIT } from '../exit-codes.ts';
import { print, tell } from '../output.ts';
import { complain, complainAboutNames } from '../render/complain.ts';
import { listed, namesOf } from '../render/names.ts';
import { complainAboutProblem } from '../render/problems.ts';

const PROGRAM = 'rc-wait';

export const command: Command = {
  summary: 'Waits until services are up, ready, done or down',
  operands: 'NAME…',
  options: {
    up: { short: 'u', help: 'until they run' },
    ready: { short: 'U', help: 'until they are up and ready (the default)' },
    done: { help: 'until they have ended as they may' },
    down: { short: 'd', help: 'until they are down' },
    timeout: { short: 't', value: 'TIME', help: 'not longer; then exit 2' },
    json: { help: 'as JSON: what was waited for in vain' },
    live: LIVE_OPTION,
  },
  examples: [['rc-wait -t 30s db && psql', 'go on when the database is ready']],
  run,
};

async function run(call: Call): Promise<number> {
  const ways = (['up', 'ready', 'done', 'down'] as const).filter((way) => call.has(way));
  if (ways.length > 1) return wrongUsage(PROGRAM, `--${ways.join(' and --')} do not go together`);
  if (call.operands.length === 0) return wrongUsage(PROGRAM, 'for which service?');
  const limit = timeoutFrom(call);
  if (!limit.ok) return wrongUsage(PROGRAM, limit.problem);
  const way = ways[0] ?? 'ready';
  const request = { root: rootOf(call), names: call.operands, way, limit: limit.value ?? 0 };
  const waited = await waitFor(request, callerOf(PROGRAM));
  if (!waited.ok) return complainAboutProblem(PROGRAM, waited.problem);
  const { end, database, missing, gone } = waited.value;
  const names = namesOf(database, missing);
  if (call.has('json'))
    print(`${JSON.stringify({ version: 1, ok: end === 'so', late: names, ...whyAsData(waited.value) })}\n`);
  switch (end) {
    case 'so':
      return EXIT.success;
    case 'late':
      if (!call.has('json')) tell(`${PROGRAM}: not ${way} in time: ${listed(names)}\n`);
      return EXIT.timedOut;
    case 'gone':
      tell(`${PROGRAM}: an update has changed what there is\n`);
      return complainAboutNames(PROGRAM, gone, database);
    case 'ended':
      return complain(PROGRAM, `${request.root} has ended; not ${way}: ${listed(names)}`, EXIT.failed);
    case 'cancelled':
      return complain(PROGRAM, `not ${way}: ${listed(names)}`, EXIT.failed);
  }
}

function whyAsData({ end, gone }: Waited): object {
  if (end === 'gone') return { gone };
  return end === 'ended' ? { ended: true } : {};
}
