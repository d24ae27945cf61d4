/** Run in a namespace: prints as JSON what a process finds out about itself there. */
import { commandLine, hasOwnProc, identityOf, isRunning, ownPid, pidNamespace } from '@muster/posix/process';

const own = ownPid();
const identity = identityOf(own);
console.log(
  JSON.stringify({
    pid: process.pid,
    own,
    hasOwnProc: hasOwnProc(),
    namespace: pidNamespace(),
    runs: identity !== null && isRunning(own, identity.startTime),
    words: commandLine(own)?.slice(1),
  }),
);
