/**
 * The processes that the tree answers for: children, which it reaps, and adopted ones, which an earlier life of the tree
 * started, and whose end is seen through a pidfd. Whoever starts or adopts one is called when it ends.
 */
import { closeSync } from 'node:fs';
import { isRunning } from '@muster/posix/process';
import type { Reactor } from '@muster/posix/reactor';
import type { Child, Spawner } from '@muster/posix/spawn';
import { exitOfPidfd, openPidfd, reap } from '@muster/posix/wait';

/** `waitStatus` as wait(2) gives it, null if it cannot be known. */
export type Ended = (waitStatus: number | null) => void;

export class Processes {
  readonly #spawner: Spawner;
  readonly #children = new Map<number, Ended>();
  readonly #adopted = new Map<number, number>();

  constructor(
    readonly reactor: Reactor,
    spawner: Spawner,
  ) {
    this.#spawner = spawner;
    // Bun turns the signal into a turn of the loop; reaping in every turn makes that enough.
    process.on('SIGCHLD', () => {});
    reactor.everyTurn(() => this.reapAll());
  }

  /** Descriptors that a child can have: its limit. */
  get openFiles(): number {
    return Number(this.#spawner.limit.soft);
  }

  /** Returns the pid. Throws SystemError. */
  start(child: Child, ended: Ended): number {
    const pid = this.#spawner.spawn(child);
    this.#children.set(pid, ended);
    return pid;
  }

  /** False if that process does not run any more; `ended` is not called then. */
  adopt(pid: number, startTime: number, ended: Ended): boolean {
    const pidfd = openPidfd(pid);
    if (pidfd === null) return false;
    // Asked again now that the pidfd holds the process: until then the pid could have passed on to another one.
    if (!isRunning(pid, startTime)) {
      closeSync(pidfd);
      return false;
    }
    this.#adopted.set(pid, pidfd);
    this.reactor.watch(pidfd, () => {
      const waitStatus = exitOfPidfd(pidfd, pid);
      this.#letGo(pid, pidfd);
      ended(waitStatus);
    });
    return true;
  }

  /** Every child that has ended, orphans that process 1 inherits included. */
  reapAll(): void {
    for (;;) {
      const reaped = reap();
      if (reaped === null) return;
      const ended = this.#children.get(reaped.pid);
      this.#children.delete(reaped.pid);
      ended?.(reaped.waitStatus);
    }
  }

  /** Becomes `path`; throws SystemError if that fails. */
  become(path: string): never {
    return this.#spawner.become(path, [path]);
  }

  #letGo(pid: number, pidfd: number): void {
    this.#adopted.delete(pid);
    this.reactor.unwatch(pidfd);
    closeSync(pidfd);
  }
}
