/** rc-oneshots: under s6 and runit, the service that runs oneshots. rc-init makes it; nobody calls it by hand. */
import { runWithoutThreads } from '@muster/posix/engine';
import { runOneshots } from '@muster/tree/oneshots/companion';
import type { Call, Command } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { tell } from '../output.ts';

export const command: Command = {
  summary: 'Runs the oneshots of a live directory, under a supervisor that is not the embedded one',
  operands: 'LIVE',
  options: {},
  examples: [],
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  runWithoutThreads();
  const [live, ...more] = call.operands;
  if (live === undefined || more.length > 0) {
    return wrongUsage('rc-oneshots', 'one live directory is needed');
  }
  await runOneshots(live, (message) => tell(`rc-oneshots: ${message}\n`));
  return EXIT.success;
}
