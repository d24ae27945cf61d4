/**
 * A loop that waits in epoll(7) itself, instead of Bun's, and calls back synchronously.
 *
 * Bun can only wait on what it can also read, which leaves out pidfds, and keeps a stream with its promises and buffers
 * for each FIFO. Here a descriptor costs an entry in a table. Bun's own loop has an epoll descriptor too, and that one
 * can be waited on like any other: when Bun has something to do (a signal came, a companion's promise), it gets a turn.
 * Bun's own timers are not seen while this loop waits: use `after`.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { EPOLL, Epoll } from './epoll.ts';

export interface Timer {
  cancel(): void;
}

interface Pending extends Timer {
  readonly at: number;
  readonly ring: () => void;
  cancelled: boolean;
}

/** Descriptors of reactors' own, which are no loops of Bun's. */
const own = new Set<number>();

/** The longest wait that an epoll timeout can express. */
const LONGEST = 0x7fff_ffff;

export class Reactor {
  readonly #bunLoops = findBunLoops();
  readonly #epoll = new Epoll();
  readonly #handlers = new Map<number, (events: number) => void>();
  /** Unwatched since the last wait: what that wait had to tell of them is not of who may have the number by now. */
  readonly #unwatched = new Set<number>();
  readonly #everyTurn: (() => void)[] = [];
  /** A binary heap, the earliest first. */
  readonly #timers: Pending[] = [];
  #bunIsReady = false;
  #stopped = false;

  /** `failed` gets what a callback throws, and the loop goes on; if it is absent, `run` throws it. */
  constructor(
    readonly failed: (error: unknown) => void = (error) => {
      throw error;
    },
  ) {
    own.add(this.#epoll.fd);
    for (const fd of this.#bunLoops) this.#epoll.add(fd, EPOLL.in);
  }

  /** Calls `ready` whenever `fd` can be read or has hung up. Throws SystemError: EPERM for a regular file. */
  watch(fd: number, ready: (events: number) => void): void {
    this.#epoll.add(fd, EPOLL.in);
    this.#handlers.set(fd, ready);
  }

  /** Calls `ready` when `fd` can be read now, then each time that more can be read, or that it hangs up. */
  watchChanges(fd: number, ready: (events: number) => void): void {
    this.#epoll.add(fd, EPOLL.in + EPOLL.edge);
    this.#handlers.set(fd, ready);
  }

  /** Calls `ready` when nobody reads the pipe any more that `fd` writes to: the kernel always tells. */
  watchHangUp(fd: number, ready: (events: number) => void): void {
    this.#epoll.add(fd, 0);
    this.#handlers.set(fd, ready);
  }

  /** Calls `ready` whenever `fd` can be written, or nobody reads it. Throws SystemError: EPERM for a regular file. */
  watchWritable(fd: number, ready: (events: number) => void): void {
    this.#epoll.add(fd, EPOLL.out);
    this.#handlers.set(fd, ready);
  }

  /** To be called before `fd` is closed. */
  unwatch(fd: number): void {
    if (!this.#handlers.delete(fd)) return;
    this.#epoll.remove(fd);
    this.#unwatched.add(fd);
  }

  /** Calls `ring` once, `delay` milliseconds of real time from now. */
  after(delay: number, ring: () => void): Timer {
    const pending: Pending = {
      at: performance.now() + Math.max(0, delay),
      ring,
      cancelled: false,
      cancel: () => {
        pending.cancelled = true;
      },
    };
    pushTimer(this.#timers, pending);
    return pending;
  }

  /** Calls `turn` each time that the loop has handled what there was, and before it waits again. */
  everyTurn(turn: () => void): void {
    this.#everyTurn.push(turn);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    await bunTurn();
    while (!this.#stopped) {
      this.#unwatched.clear();
      this.#epoll.wait(this.#timeout(), this.#dispatch);
      this.#ringTimers();
      if (this.#bunIsReady) {
        this.#bunIsReady = false;
        await bunTurn();
      }
      for (const turn of this.#everyTurn) this.#call(turn);
    }
  }

  readonly #dispatch = (fd: number, events: number): void => {
    const handler = this.#handlers.get(fd);
    if (this.#unwatched.has(fd)) return;
    if (handler !== undefined) this.#call(() => handler(events));
    else if (this.#bunLoops.includes(fd)) this.#bunIsReady = true;
  };

  #timeout(): number {
    if (this.#stopped) return 0;
    while (this.#timers[0]?.cancelled) popTimer(this.#timers);
    const next = this.#timers[0];
    if (next === undefined) return -1;
    return Math.min(LONGEST, Math.max(0, Math.ceil(next.at - performance.now())));
  }

  #ringTimers(): void {
    const now = performance.now();
    for (;;) {
      const next = this.#timers[0];
      if (next === undefined || (!next.cancelled && next.at > now)) return;
      popTimer(this.#timers);
      if (!next.cancelled) this.#call(next.ring);
    }
  }

  #call(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.failed(error);
    }
  }
}

/** One turn of Bun's own loop: signals are delivered, promises continue. */
function bunTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function findBunLoops(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => {
      if (own.has(fd)) return false;
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:[eventpoll]';
      } catch {
        return false;
      }
    });
}

function pushTimer(heap: Pending[], pending: Pending): void {
  let index = heap.push(pending) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (heap[parent]!.at <= pending.at) break;
    heap[index] = heap[parent]!;
    index = parent;
  }
  heap[index] = pending;
}

function popTimer(heap: Pending[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++;
    if (last.at <= heap[child]!.at) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = last;
}
