/** The one executable: the name it is called by, or its first argument, picks the command. */
import { callCommand } from './arguments/call.ts';

callCommand(process.argv0, process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
