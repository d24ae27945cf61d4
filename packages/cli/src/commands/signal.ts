/** rc-signal: sends a signal to the processes of services. */
import { signalServices } from '@muster/control/signal';
import { signalNumber } from '@muster/posix/signals';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { rootOf } from '../arguments/paths.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { print, tell } from '../output.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { tellingPeople } from '../render/told.ts';

const PROGRAM = 'rc-signal';

export const command: Command = {
  summary: 'Sends a signal to the processes of services',
  operands: 'NAME…',
  options: {
    signal: { short: 's', value: 'SIG', help: 'by name or number (the default: TERM)' },
    json: { help: 'as JSON: to which processes' },
    live: LIVE_OPTION,
  },
  examples: [['rc-signal -s USR1 nginx', 'have nginx open its logs again']],
  run,
};

function run(call: Call): number {
  const asked = call.value('signal') ?? 'TERM';
  const signal = signalNumber(asked);
  if (signal === undefined) return wrongUsage(PROGRAM, `there is no signal ${asked}`);
  if (call.operands.length === 0) return wrongUsage(PROGRAM, 'to which service?');
  const signalled = signalServices({ root: rootOf(call), names: call.operands, signal }, tellingPeople(PROGRAM));
  if (!signalled.ok) return complainAboutProblem(PROGRAM, signalled.problem);
  const { sent, notRunning } = signalled.value;
  if (call.has('json')) print(`${JSON.stringify({ version: 1, sent, notRunning })}\n`);
  for (const name of notRunning) tell(`${PROGRAM}: no process of ${name} runs\n`);
  return notRunning.length === 0 ? EXIT.success : EXIT.failed;
}
