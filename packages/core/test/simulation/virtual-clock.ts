/** A clock that jumps from one event to the next. Events at the same time happen in the order in which they were set. */
import type { Alarm, Clock } from '../../src/execute/ports.ts';

interface Entry {
  readonly at: number;
  readonly order: number;
  ring: (() => void) | undefined;
}

export class VirtualClock implements Clock {
  private time: number;
  /** Milliseconds by which somebody has set the clock on; back, if negative. */
  set = 0;
  private order = 0;
  private readonly heap: Entry[] = [];

  constructor(start = 1_000_000) {
    this.time = start;
  }

  now(): number {
    return this.time + this.set;
  }

  monotonic(): number {
    return this.time;
  }

  after(delay: number, ring: () => void): Alarm {
    const entry: Entry = { at: this.time + Math.max(0, delay), order: this.order++, ring };
    this.push(entry);
    return {
      cancel: () => {
        entry.ring = undefined;
      },
    };
  }

  /** Rings the next alarm. Returns false when there is none. */
  step(): boolean {
    for (;;) {
      const entry = this.pop();
      if (entry === undefined) return false;
      if (entry.ring === undefined) continue;
      this.time = entry.at;
      entry.ring();
      return true;
    }
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent]!, entry)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  private pop(): Entry | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
