/** The one executable: the name it is called by, or its first argument, picks the command. */

import { isSystemError } from '@muster/control/thrown';
import { callCommand } from './arguments/call.ts';
import { textOfSystemError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { statusAfterOutput, tell } from './output.ts';

// What happens in a timer or when something is read has no caller to tell.
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

callCommand(process.argv0, process.argv.slice(2)).then((status) => {
  // What a command that failed half-way has left open must not keep it from ending.
  process.exit(statusAfterOutput(status));
}, fail);

function fail(error: unknown): void {
  if (isSystemError(error)) tell(`${process.argv0}: ${textOfSystemError(error)}\n`);
  else {
    tell(`${process.argv0}: this should not have happened, please report it: ${error}\n`);
    if (!process.env.RC_TRACE) tell('  with RC_TRACE=1 in the environment it says where\n');
  }
  if (process.env.RC_TRACE && error instanceof Error) tell(`${error.stack}\n`);
  process.exit(EXIT.systemCall);
}
