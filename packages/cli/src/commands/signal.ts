/**
 * rc-signal: sends a signal to the processes of longruns, whose supervisors do not take it for a stop, and to the scripts of
 * oneshots with all that they have started.
 */
import { constants } from 'node:os';
import type { Opened } from '@muster/control/open/read';
import type { ServiceId } from '@muster/core/model/database';
import type { Observation } from '@muster/core/model/observation';
import { SystemError } from '@muster/posix/libc';
import { processFacts } from '@muster/posix/process';
import { isSignalTarget, signalGroupOf, signalNumber, signalWhile } from '@muster/posix/signals';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import { signalScript } from '@muster/tree/oneshots/script-signals';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { lookAtSelected } from '../look.ts';
import { print, tell } from '../output.ts';
import { complainAboutProblem } from '../render/problems.ts';

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
  const looked = lookAtSelected(call);
  if (!looked.ok) return complainAboutProblem(PROGRAM, looked.problem);
  const opened = looked.value;
  const told = new Map<string, number>();
  const silent: string[] = [];
  for (const service of opened.chosen) {
    const name = opened.database.names[service]!;
    const seen = openSupervisor(opened).observe(service);
    if (seen.kind === 'unsupervised' && seen.odd !== undefined) tell(`${PROGRAM}: ${seen.odd}\n`);
    const pid = send(opened, service, seen, signal);
    if (pid === null) silent.push(name);
    else told.set(name, pid);
  }
  if (call.has('json')) {
    const sent = [...told].map(([service, pid]) => ({ service, pid }));
    print(`${JSON.stringify({ version: 1, sent, notRunning: silent })}\n`);
  }
  for (const name of silent) tell(`${PROGRAM}: no process of ${name} runs\n`);
  return silent.length === 0 ? EXIT.success : EXIT.failed;
}

/** The process that got it, or null. Throws SystemError if it is somebody else's. */
function send(opened: Opened, service: ServiceId, seen: Observation, signal: number): number | null {
  const runs = seen.kind === 'longrun' ? seen.state === 'up' : seen.kind === 'oneshot' && seen.running !== null;
  if (!runs || seen.kind === 'unsupervised') return null;
  const { pid } = seen;
  if (!isSignalTarget(pid)) return null;
  // Asked again once the process cannot be another one any more.
  const isMeant = () => {
    const now = openSupervisor(opened).observe(service);
    return now.kind !== 'unsupervised' && now.pid === pid;
  };
  const isHeard = seen.kind === 'oneshot' ? signalWhole(pid, isMeant, signal) : signalWhile(pid, isMeant, signal);
  if (isHeard) return pid;
  if (processFacts(pid) === null || !isMeant()) return null;
  throw new SystemError('kill', constants.errno.EPERM, `${opened.database.names[service]} (pid ${pid})`);
}

/** A script with all that it has started, and the shell around it, which is `leader`. */
function signalWhole(leader: number, isMeant: () => boolean, signal: number): boolean {
  const facts = processFacts(leader);
  if (facts === null || !isMeant()) return false;
  const identity = { pid: leader, startTime: facts.startTime };
  return signalScript(leader, signal, (toGroup) => signalGroupOf(identity, toGroup));
}
