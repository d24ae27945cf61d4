/**
 * Kills the tree again and again, at random moments, while its services start, stop, die and restart; and counts what
 * must never be: a daemon that was lost, started twice, or is not watched any more.
 *
 *     steady   are never touched: their pids must stay the same to the end
 *     failing  die by themselves all the time, some with a finish
 *     moved    are told to go up and down at random
 *
 * Each run takes a lock that its process keeps for life, and says so if it cannot get it: then there are two.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@muster/core/test/simulation/random';
import { linkTarget } from '@muster/posix/absence';
import { openFifoForWriting, writeToFifo } from '@muster/posix/fifo';
import { everyPid, processFacts } from '@muster/posix/process';
import { eventually } from '@muster/posix/test/eventually';
import { hasEnded } from '@muster/posix/test/processes';
import { supervisorOf } from '@muster/posix/test/supervisor-of';
import { decodeStatus, type Status } from '@muster/protocol/s6/status';
import { Rig } from '@muster/protocol/test/rig';

export interface KillsPlan {
  readonly rounds: number;
  readonly seed: number;
  /** Program and first arguments; the scandir follows. */
  readonly command: readonly [string, ...string[]];
  /** Milliseconds that the tree lives at most before it is killed. */
  readonly longest: number;
}

export interface KillsReport {
  readonly kills: number;
  readonly starts: number;
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  readonly unwatched: readonly string[];
}

const STEADY = ['steady-plain', 'steady-ready', 'steady-logged', 'steady-finish'];
const FAILING = ['failing-fast', 'failing-slow', 'failing-finish'];
const MOVED = ['moved-plain', 'moved-ready', 'moved-finish', 'moved-deaf'];
const LOCK = 'exec 8>>lock\nflock -w 60 8 || tell duplicate\n';
const DAEMON = `${LOCK}exec sleep 100000`;

export async function killAgainAndAgain(plan: KillsPlan): Promise<KillsReport> {
  const rig = new Rig();
  const random = new Random(plan.seed);
  makeServices(rig);
  let tree = start(plan, rig);
  for (const name of STEADY) await eventually(`${name} runs`, () => alive(rig, name));
  const pids = new Map(STEADY.map((name) => [name, statusOf(rig, name)!.pid]));

  for (let round = 0; round < plan.rounds; round++) {
    // Half of the kills come when the tree works, the other half also while it begins, however slow the machine is.
    if (round % 2 === 1) await eventually('the tree', () => isSupervisedBy(rig, MOVED[0]!, tree.pid));
    await meanwhile(rig, random, random.fraction() * plan.longest);
    tree.kill('SIGKILL');
    await tree.gone;
    tree = start(plan, rig);
  }

  const lost: string[] = [];
  const unwatched: string[] = [];
  for (const name of [...STEADY, ...FAILING, ...MOVED]) {
    await eventually(`the tree supervises ${name}`, () => isSupervisedBy(rig, name, tree.pid));
    command(rig, name, 'u');
  }
  for (const name of STEADY) {
    const pid = pids.get(name)!;
    if (hasEnded(pid)) lost.push(`${name}: ${pid} is gone`);
    await eventually(`${name} settles`, () => alive(rig, name)).catch((error) => unwatched.push(String(error)));
    if (statusOf(rig, name)!.pid !== pid) unwatched.push(`${name}: ${pid} became ${statusOf(rig, name)!.pid}`);
  }
  for (const name of [...STEADY, ...MOVED]) {
    const problem = await whatIsWrong(rig, name);
    if (problem !== null) unwatched.push(problem);
  }
  for (const name of FAILING) {
    const before = rig.journal('run', name).length;
    await eventually(`${name} is started again`, () => rig.journal('run', name).length > before + 1).catch((error) =>
      unwatched.push(String(error)),
    );
  }
  const report = {
    kills: plan.rounds,
    starts: rig.journal('run').length,
    lost,
    duplicated: rig.journal('duplicate').map(({ name, pid }) => `${name}: ${pid}`),
    unwatched,
  };
  for (const name of [...STEADY, ...FAILING, ...MOVED]) command(rig, name, 'd');
  tree.kill('SIGTERM');
  await tree.gone;
  const left = [...STEADY, ...FAILING, ...MOVED].flatMap((name) => daemons(rig, name).map((pid) => `${name}: ${pid}`));
  for (const pid of left) process.kill(Number(pid.split(': ')[1]), 'SIGKILL');
  rig.remove();
  return { ...report, duplicated: [...report.duplicated, ...left.map((which) => `left over: ${which}`)] };
}

function makeServices(rig: Rig): void {
  const quick = { 'restart-delay': '0\n' };
  rig.add('steady-plain', { run: DAEMON });
  rig.add('steady-ready', { files: { 'notification-fd': '3\n' }, run: `${LOCK}echo >&3\nexec sleep 100000` });
  rig.add('steady-logged', { run: DAEMON });
  rig.add('steady-logged/log', { run: 'exec cat >/dev/null' });
  rig.add('steady-finish', { run: DAEMON, finish: true });
  rig.add('failing-fast', { files: { 'restart-delay': '20\n' }, run: `${LOCK}exit 1` });
  rig.add('failing-slow', { files: quick, run: `${LOCK}sleep 0.05\nexit 1` });
  rig.add('failing-finish', { files: quick, run: `${LOCK}sleep 0.03; exit 3`, finish: 'sleep 0.02' });
  rig.add('moved-plain', { files: quick, run: DAEMON });
  rig.add('moved-ready', { files: { ...quick, 'notification-fd': '3\n' }, run: `${LOCK}echo >&3\nexec sleep 100000` });
  rig.add('moved-finish', { files: quick, run: DAEMON, finish: 'sleep 0.02' });
  rig.add('moved-deaf', {
    files: { ...quick, 'timeout-kill': '20\n' },
    run: `${LOCK}trap '' TERM\nwhile :; do sleep 0.1 8>&-; done`,
  });
}

function start(plan: KillsPlan, rig: Rig) {
  const [program, ...args] = plan.command;
  const child = spawn(program, [...args, rig.scandir], { stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return { pid: child.pid, gone, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}

/** Moves services about for `time` milliseconds. The pauses wait for nothing: at which moment a command comes is what is tried. */
async function meanwhile(rig: Rig, random: Random, time: number): Promise<void> {
  const end = performance.now() + time;
  for (;;) {
    const left = end - performance.now();
    if (left <= 0) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, random.fraction() * 8)));
    command(rig, random.pick(MOVED), random.pick(['u', 'd', 'r', 'k', 'o']));
  }
}

/** Nothing happens if nobody listens. */
function command(rig: Rig, name: string, letter: string): void {
  const fifo = openFifoForWriting(join(rig.directory(name), 'supervise/control'));
  if (fifo === null) return;
  writeToFifo(fifo, Buffer.from(letter));
  closeSync(fifo);
}

/** See test/supervisor-of.ts for why it is not asked whether `control` is open. */
function isSupervisedBy(rig: Rig, name: string, pid: number | undefined): boolean {
  return supervisorOf(join(rig.directory(name), 'supervise/lock')) === pid;
}

/** A service that was told to be up: it must be, once, and its death must be noticed. */
async function whatIsWrong(rig: Rig, name: string): Promise<string | null> {
  try {
    const { pid } = await eventually(`${name} is up`, () => alive(rig, name));
    const running = daemons(rig, name);
    if (running.length !== 1 || running[0] !== pid) return `${name}: ${pid} is known, ${running.join(', ')} run`;
    process.kill(pid, 'SIGKILL');
    await eventually(`${name} is started again`, () => {
      const now = alive(rig, name);
      return now !== undefined && now.pid !== pid;
    });
    return null;
  } catch (error) {
    return `${name}: ${error} (daemons: ${daemons(rig, name).join(', ')})`;
  }
}

function statusOf(rig: Rig, name: string): Status | undefined {
  const path = join(rig.directory(name), 'supervise/status');
  return existsSync(path) ? decodeStatus(readFileSync(path)) : undefined;
}

function alive(rig: Rig, name: string): Status | undefined {
  const status = statusOf(rig, name);
  if (status === undefined || status.pid === 0 || status.finishing) return undefined;
  return hasEnded(status.pid) ? undefined : status;
}

/** The processes that lead a session in the service's directory. */
function daemons(rig: Rig, name: string): number[] {
  return everyPid().filter((pid) => {
    const facts = processFacts(pid);
    if (facts === null || facts.zombie || facts.session !== pid) return false;
    return linkTarget(`/proc/${pid}/cwd`) === rig.directory(name);
  });
}
