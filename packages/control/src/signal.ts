/**
 * Signals to the processes of longruns, whose supervisors do not take them for a stop, and to the scripts of oneshots with all
 * that these have started.
 */
import { constants } from 'node:os';
import type { ServiceId } from '@muster/core/model/database';
import type { Observation } from '@muster/core/model/observation';
import { type Result, success } from '@muster/core/result';
import { SystemError } from '@muster/posix/libc';
import { processFacts } from '@muster/posix/process';
import { isSignalTarget, signalGroupOf, signalWhile } from '@muster/posix/signals';
import { signalScript } from '@muster/protocol/oneshots/signal-script';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import type { ControlEventSink } from './events.ts';
import type { Opened } from './open/read.ts';
import { openSelected } from './open/select.ts';
import type { LookProblem } from './problems.ts';

export interface SignalRequest {
  /** The live directory. */
  readonly root: string;
  /** Of services and bundles. */
  readonly names: readonly string[];
  /** Its number. */
  readonly signal: number;
}

export interface Signalled {
  readonly sent: readonly { readonly service: string; readonly pid: number }[];
  /** Names of those of which no process runs. */
  readonly notRunning: readonly string[];
}

/** Throws SystemError if a process is somebody else's: those before it have got theirs. */
export function signalServices(
  { root, names, signal }: SignalRequest,
  events: ControlEventSink,
): Result<Signalled, LookProblem> {
  const opened = openSelected(root, names, events);
  if (!opened.ok) return opened;
  const { database, records, chosen } = opened.value;
  const sent: { service: string; pid: number }[] = [];
  const notRunning: string[] = [];
  try {
    for (const service of chosen) {
      const name = database.names[service]!;
      const seen = openSupervisor(opened.value).observe(service);
      if (seen.kind === 'unsupervised' && seen.odd !== undefined) events.emit({ event: 'odd', what: seen.odd });
      const pid = send(opened.value, service, seen, signal);
      if (pid === null) notRunning.push(name);
      else sent.push({ service: name, pid });
    }
  } finally {
    records.close();
  }
  return success({ sent, notRunning });
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
