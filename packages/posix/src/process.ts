/**
 * Other processes, as /proc shows them.
 *
 * A pid alone names nobody: it returns. With the start time it does (`ProcessIdentity`), within one boot and one PID
 * namespace (`pidNamespace`). Whoever writes a pid down writes that down with it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { linkTarget, namesIn } from './absence.ts';
import { bootTime, TICKS } from './boot-time.ts';

/** One process, and no other one that has its pid later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot. */
  readonly startTime: number;
}

export interface ProcessFacts {
  readonly parent: number;
  /** The kernel's `PF_…`. */
  readonly flags: number;
  /** Clock ticks after boot. With the pid it names one process: pids return, such pairs do not. */
  readonly startTime: number;
  /** It ended, every thread of it, and its parent has not asked for its status. */
  readonly zombie: boolean;
  /** It does nothing until somebody continues it (SIGSTOP, a debugger). */
  readonly stopped: boolean;
  /** The process group that it is in. */
  readonly group: number;
  /** The session that it is in: the pid of the process that began it. */
  readonly session: number;
  /** The device of the terminal that controls it, or 0 if there is none. */
  readonly terminal: number;
  /** As wait(2) gives it: of a zombie that we may trace, else 0. */
  readonly exitStatus: number;
}

/** Milliseconds that a process has been there; null if there is none. Throws ErrnoException if that cannot be known. */
export function processAge(pid: number): number | null {
  const facts = processFacts(pid);
  return facts === null ? null : Math.max(0, bootTime() - (facts.startTime * 1000) / TICKS);
}

/** What says that there is no process; everything else (no descriptor left) says nothing of it. */
const GONE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ESRCH']);

/** Null if there is no such process. Throws ErrnoException if that cannot be known. */
export function processFacts(pid: number): ProcessFacts | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code)) return null;
    throw error;
  }
  // The second field is the program's name in parentheses, and may itself hold blanks and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    parent: Number(fields[1]),
    flags: Number(fields[6]),
    startTime: Number(fields[19]),
    // The main thread may end before others: until they have, the process runs, and the kernel counts it among its threads.
    zombie: (fields[0] === 'Z' || fields[0] === 'X') && Number(fields[17]) <= 1,
    stopped: fields[0] === 'T' || fields[0] === 't',
    group: Number(fields[2]),
    session: Number(fields[3]),
    terminal: Number(fields[4]),
    exitStatus: Number(fields[49]),
  };
}

/** Whether the process that had this pid and start time runs. Throws ErrnoException if that cannot be known. */
export function isRunning(pid: number, startTime: number): boolean {
  const facts = processFacts(pid);
  return facts !== null && !facts.zombie && facts.startTime === startTime;
}

/** Of the process that has this pid now; null if none has. Throws ErrnoException if that cannot be known. */
export function identityOf(pid: number): ProcessIdentity | null {
  const facts = processFacts(pid);
  return facts === null ? null : { pid, startTime: facts.startTime };
}

/** What /proc calls this process. In a PID namespace that has no /proc of its own, `process.pid` is someone else's there. */
export function ownPid(): number {
  return Number(linkTarget('/proc/self') ?? process.pid);
}

/**
 * The PID namespace that the numbers in /proc are of; numbers of another one name other processes. A process may be in a
 * namespace further inside, and still see this /proc. Empty if it cannot be known.
 */
export function pidNamespace(): string {
  const first = linkTarget('/proc/1/ns/pid');
  if (first !== null) return first;
  // Process 1 of /proc may not be asked: our own tells, if it is the one that /proc is of.
  return (hasOwnProc() ? linkTarget('/proc/self/ns/pid') : null) ?? '';
}

/** Whether /proc is of the PID namespace that this process is in, and not of one around it. */
export function hasOwnProc(): boolean {
  return ownPid() === process.pid;
}

/** Of every process that can be seen, in no order. */
export function everyPid(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** `pid`, its parent, its parent's parent, …, up to the first process. */
export function ancestors(pid: number): number[] {
  const line: number[] = [];
  for (let at = pid; at > 0; ) {
    const facts = processFacts(at);
    if (facts === null) break;
    line.push(at);
    at = facts.parent;
  }
  return line;
}

/** Whether a signal to `pid`, or to its group, would end this process or one above it, which may wait for it. */
export function isAroundUs(pid: number): boolean {
  const own = ownPid();
  return processFacts(pid)?.group === processFacts(own)?.group || ancestors(own).includes(pid);
}

/** Of the kernel's flags of a process: it was forked, and has not executed anything since. */
const FORKED_ONLY = 0x40;

/** Whether `pid` runs the same program as this process, and has not come to an exec since it was forked. */
export function isForkOf(pid: number): boolean {
  const facts = pid === ownPid() ? null : processFacts(pid);
  return (
    facts !== null &&
    (facts.flags & FORKED_ONLY) !== 0 &&
    linkTarget(`/proc/${pid}/exe`) === linkTarget('/proc/self/exe')
  );
}

export interface SessionMember extends ProcessIdentity {
  /** Its process group. */
  readonly group: number;
  /** It has become a program: what its parent caught, it does not catch any more. */
  readonly isProgram: boolean;
}

/** A look at all processes holds so many times as long as it took: most of the time is left for everything else. */
const HOLDS = 5;
let lastLook = { until: Number.NEGATIVE_INFINITY, bySession: new Map<number, number[]>() };

/** As `membersOfSession`, but one that was born a moment ago may be missing: for many sessions at once. */
export function knownMembersOfSession(leader: number): SessionMember[] {
  const began = performance.now();
  if (began > lastLook.until) {
    const bySession = pidsBySession();
    const ended = performance.now();
    lastLook = { until: ended + HOLDS * (ended - began), bySession };
  }
  return membersAmong(lastLook.bySession.get(leader) ?? [], leader);
}

function pidsBySession(): Map<number, number[]> {
  const bySession = new Map<number, number[]>();
  for (const pid of everyPid()) {
    const session = processFacts(pid)?.session ?? 0;
    const pids = bySession.get(session);
    if (pids === undefined) bySession.set(session, [pid]);
    else pids.push(pid);
  }
  return bySession;
}

/** Processes that run in the session that process `leader` began, `leader` itself included. Throws ErrnoException. */
export function membersOfSession(leader: number): SessionMember[] {
  return membersAmong(everyPid(), leader);
}

function membersAmong(pids: readonly number[], leader: number): SessionMember[] {
  return pids.flatMap((pid) => {
    const facts = processFacts(pid);
    if (facts === null || facts.zombie || facts.session !== leader) return [];
    return [{ pid, startTime: facts.startTime, group: facts.group, isProgram: (facts.flags & FORKED_ONLY) === 0 }];
  });
}

/**
 * Who began it: the user that its permissions came from, which a program that is set-uid does not change. Null if there is no
 * such process.
 */
export function realUser(pid: number): number | null {
  try {
    const uid = /^Uid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return uid === undefined ? null : Number(uid);
  } catch {
    return null;
  }
}

/** Null if it has ended, or belongs to somebody else. */
export function workingDirectory(pid: number): string | null {
  return shownBy(pid, (entry) => linkTarget(`${entry}/cwd`));
}

/** What `pid` has open: links of /proc, which lead there. Empty also if it has ended, or belongs to somebody else. */
export function openFiles(pid: number): string[] {
  const listed = (entry: string) => {
    const names = namesIn(`${entry}/fd`);
    return names.length === 0 ? null : names.map((name) => `${entry}/fd/${name}`);
  };
  return shownBy(pid, listed) ?? [];
}

/** Whether `pid` has the file of this absolute path open. False also if it has ended, or belongs to somebody else. */
export function hasOpen(pid: number, path: string): boolean {
  return openFiles(pid).some((link) => linkTarget(link) === path);
}

/** Null if there is no such process, or it has none (a kernel thread, a zombie). */
export function commandLine(pid: number): string[] | null {
  return shownBy(pid, (entry) => {
    try {
      const words = readFileSync(`${entry}/cmdline`, 'utf8').split('\0');
      return words.length > 1 ? words.slice(0, -1) : null;
    } catch {
      return null;
    }
  });
}

/** What /proc shows of a process; if its main thread has ended, it shows that of the others only. */
function shownBy<T>(pid: number, show: (entry: string) => T | null): T | null {
  const shown = show(`/proc/${pid}`);
  if (shown !== null) return shown;
  const threads = namesIn(`/proc/${pid}/task`);
  if (threads.length < 2) return null;
  for (const thread of threads) {
    const ofThread = show(`/proc/${pid}/task/${thread}`);
    if (ofThread !== null) return ofThread;
  }
  return null;
}
