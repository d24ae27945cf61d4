/**
 * A container whose process 1 is the tree, with a limit of processes, in which somebody without rights makes processes
 * without end and somebody else writes without end, beside services that must not notice.
 *
 *     good     are never touched: their pids must stay the same to the end
 *     moved    is told to go down and up again and again
 *     readies  tells that it is ready while there are no processes
 *     bomb     takes every process that there is
 *     flood    fills its log
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFifo } from '@muster/posix/fifo';
import { eventually } from '@muster/posix/test/eventually';
import { PidsCgroup } from '@muster/posix/test/pids-cgroup';
import { decodeStatus, type Status } from '@muster/protocol/s6/status';
import { Rig } from '@muster/protocol/test/rig';

export interface BombPlan {
  /** Milliseconds. */
  readonly duration: number;
  readonly services: number;
  /** In the container, `unshare` included. */
  readonly processes: number;
  /** The built executable. */
  readonly muster: string;
}

export interface BombReport {
  /** How often the kernel had no process to give. */
  readonly refusals: number;
  /** What was ordered and done. */
  readonly orders: number;
  readonly lost: readonly string[];
  readonly unanswered: readonly string[];
}

/** Milliseconds that an order may take which needs no process. */
const PATIENCE = 30_000;
/** Nobody in particular, who may do nothing but make processes, and lets others have the processor. */
const BOMB = `b() { while :; do b & done; }; b`;
const AS_NOBODY = 'exec nice -n 15 setpriv --reuid=65534 --regid=65534 --clear-groups sh -c';

export async function bomb(plan: BombPlan): Promise<BombReport> {
  const rig = new Rig();
  const cgroup = new PidsCgroup();
  const good = Array.from({ length: plan.services }, (_, index) => `good${index}`);
  const logs = join(rig.root, 'logs');
  mkdirSync(logs);
  for (const name of [...good, 'moved']) rig.add(name, { run: 'exec sleep 100000', files: { 'restart-delay': '0\n' } });
  rig.add('readies', { files: { 'notification-fd': '3\n' } });
  rig.add('flood', { run: 'exec nice -n 15 yes "a line of a service that has nothing to say"', files: { down: '' } });
  rig.add('flood/log', { run: `exec '${plan.muster}' logger -s 64K -n 2 '${logs}'` });
  rig.add('bomb', { run: `cd /; ${AS_NOBODY} '${BOMB}'`, files: { down: '' } });
  const [enter, ...words] = [...cgroup.entering, 'unshare', '-pf', '--mount-proc', plan.muster, 'svscan', rig.scandir];
  const container = spawn(enter!, words, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => container.once('exit', () => resolve()));
  const unanswered: string[] = [];
  let orders = 0;

  const status = (name: string): Status | undefined => {
    const path = join(rig.directory(name), 'supervise/status');
    return existsSync(path) ? decodeStatus(readFileSync(path)) : undefined;
  };
  const isUp = (name: string) => (status(name)?.pid ?? 0) > 0 && status(name)!.finishing === false;
  const order = async (name: string, letter: string, answer: string, isAnswered: () => boolean, limit = PATIENCE) => {
    orders++;
    writeFifo(join(rig.directory(name), 'supervise/control'), Buffer.from(letter));
    await eventually('', isAnswered, limit).catch(() => unanswered.push(`${name}: ${letter}, but it is not ${answer}`));
  };

  try {
    for (const name of [...good, 'moved', 'readies', 'flood/log']) await eventually(`${name} is up`, () => isUp(name));
    const pids = new Map(good.map((name) => [name, status(name)!.pid]));
    cgroup.limit(plan.processes);
    await order('flood', 'u', 'up', () => isUp('flood'));
    writeFifo(join(rig.directory('bomb'), 'supervise/control'), Buffer.from('u'));
    await eventually('there are no processes left', () => cgroup.refusals() > 0);
    const end = performance.now() + plan.duration;
    rig.order('readies', 'ready');
    await order('readies', 'O', 'ready', () => status('readies')!.ready);
    while (performance.now() < end && container.exitCode === null && unanswered.length === 0) {
      await order('moved', 'd', 'down', () => !isUp('moved'));
      // It starts when there is a process for it, of which nobody knows when that is.
      await order('moved', 'u', 'wanted up', () => status('moved')!.wantUp);
      await eventually('', () => isUp('moved'), 1000).catch(() => {});
    }
    const refusals = cgroup.refusals();
    const lost = good.filter((name) => status(name)!.pid !== pids.get(name)).map((name) => `${name} has another pid`);
    if (container.exitCode !== null) lost.push('the container has ended');
    cgroup.limit('max');
    await order('bomb', 'dK', 'down', () => !isUp('bomb'));
    await order('moved', 'u', 'up', () => isUp('moved'));
    if (!existsSync(join(logs, 'current'))) lost.push('the log');
    return { refusals, orders, lost, unanswered };
  } finally {
    // Process 1 of the namespace takes all others with it.
    for (const pid of cgroup.pids()) if (pid !== container.pid) process.kill(pid, 'SIGKILL');
    await ended;
    await cgroup.remove();
    rig.remove();
  }
}
