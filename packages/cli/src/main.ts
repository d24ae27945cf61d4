/** The one executable: the name it is called by, or its first argument, picks the command. */
import { callCommand } from './arguments/call.ts';
import { EXIT } from './exit-codes.ts';
import { statusAfterOutput, tell } from './output.ts';

callCommand(process.argv0, process.argv.slice(2)).then(
  (status) => {
    // What a command that failed half-way has left open must not keep it from ending.
    process.exit(statusAfterOutput(status));
  },
  (bug) => {
    tell(`${process.argv0}: this should not have happened, please report it: ${bug}\n`);
    tell(process.env.RC_TRACE ? `${bug?.stack}\n` : '  with RC_TRACE=1 in the environment it says where\n');
    process.exitCode = EXIT.systemCall;
  },
);
