/** The loop in which the tree waits. Each test ends it from within: while it runs nothing else in this process does. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EPOLL } from '@muster/posix/epoll';
import { makePipe } from '@muster/posix/pipe';
import { Reactor } from '@muster/posix/reactor';
import { afterEach, expect, test, vi } from 'vitest';
import { PATIENCE } from './eventually.ts';

const open = new Set<number>();
afterEach(() => {
  for (const descriptor of open) closeSync(descriptor);
  open.clear();
});

/** One that does not wait for ever for what a test expects: nothing else could end it. */
function boundedReactor(failed?: (error: unknown) => void): Reactor {
  const reactor = failed === undefined ? new Reactor() : new Reactor(failed);
  reactor.after(PATIENCE, () => reactor.stop());
  return reactor;
}

/** However long this takes: what is set in it is set at one moment. */
function atOnce(set: () => void): void {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
  set();
  clock.mockRestore();
}

interface Pipe {
  readonly reading: number;
  readonly writing: number;
}

function pipe(): Pipe {
  const ends = makePipe();
  open.add(ends.reading).add(ends.writing);
  return ends;
}

function close(descriptor: number): void {
  open.delete(descriptor);
  closeSync(descriptor);
}

function readFrom(descriptor: number): string {
  const bytes = Buffer.alloc(100);
  return bytes.toString('utf8', 0, readSync(descriptor, bytes));
}

test('a descriptor is told of for as long as there is something to read, and not before', async () => {
  const reactor = boundedReactor();
  const { reading, writing } = pipe();
  const told: string[] = [];
  reactor.watch(reading, (events) => {
    expect(events).toBe(EPOLL.in);
    told.push('ready');
    if (told.length < 4) return;
    told.push(readFrom(reading));
    // There are turns after this, which find nothing to read.
    reactor.after(10, () => reactor.stop());
  });
  reactor.after(1, () => {
    told.push('written');
    writeSync(writing, 'text');
  });
  await reactor.run();
  expect(told).toEqual(['written', 'ready', 'ready', 'ready', 'text']);
});

test('of changes only is told: each thing that is written, and the end', async () => {
  const reactor = boundedReactor();
  const { reading, writing } = pipe();
  const told: number[] = [];
  writeSync(writing, 'before');
  reactor.watchChanges(reading, (events) => {
    told.push(events);
    // Nobody reads, and still there are only as many calls as changes.
    if (told.length === 1) reactor.after(5, () => writeSync(writing, 'more'));
    if (told.length === 2) reactor.after(5, () => close(writing));
    if (told.length === 3) reactor.stop();
  });
  await reactor.run();
  expect(told).toEqual([EPOLL.in, EPOLL.in, EPOLL.in | EPOLL.hup]);
});

test('a hang-up is told of to who reads, with what was written before it, and to who writes', async () => {
  const reactor = boundedReactor();
  const read = pipe();
  const written = pipe();
  const told: [string, number][] = [];
  writeSync(read.writing, 'last');
  close(read.writing);
  reactor.watch(read.reading, (events) => {
    told.push([readFrom(read.reading), events]);
    if (told.length === 2) {
      reactor.unwatch(read.reading);
      close(written.reading);
    }
  });
  reactor.watchHangUp(written.writing, (events) => {
    told.push(['nobody reads', events]);
    reactor.stop();
  });
  await reactor.run();
  expect(told).toEqual([
    ['last', EPOLL.in | EPOLL.hup],
    ['', EPOLL.hup],
    ['nobody reads', EPOLL.err],
  ]);
});

test('timers ring in the order of their times, those for the same moment too, and not if they were cancelled', async () => {
  const reactor = boundedReactor();
  const rung: number[] = [];
  const delays = Array.from({ length: 40 }, (_, index) => (index * 17) % 40);
  atOnce(() => {
    const timers = delays.map((delay) => reactor.after(delay, () => rung.push(delay)));
    for (const [index, timer] of timers.entries()) if (index % 4 === 0) timer.cancel();
    reactor.after(41, () => reactor.stop());
  });
  await reactor.run();
  const kept = delays.filter((_, index) => index % 4 !== 0);
  expect(rung).toEqual(kept.toSorted((a, b) => a - b));
  expect(rung.length).toBe(30);
});

test('a timer may set and cancel others, and one without delay is not told in the same moment for ever', async () => {
  const reactor = boundedReactor();
  const rung: string[] = [];
  let turns = 0;
  reactor.everyTurn(() => turns++);
  let again = 0;
  const repeat = () => {
    if (++again < 50) reactor.after(0, repeat);
    else reactor.stop();
  };
  atOnce(() => {
    const cancelling = reactor.after(-5, () => {
      rung.push('cancelling');
      later.cancel();
      cancelling.cancel();
      repeat();
    });
    const later = reactor.after(0, () => rung.push('cancelled'));
  });
  await reactor.run();
  expect(rung).toEqual(['cancelling']);
  expect(again).toBe(50);
  // The loop has looked at everything else in between.
  expect(turns).toBeGreaterThan(40);
});

test('signals and promises have their turn, though nothing else happens', async () => {
  const reactor = boundedReactor();
  const seen: string[] = [];
  const hear = () => {
    seen.push('signal');
    void Promise.resolve().then(() => {
      seen.push('promise');
      reactor.stop();
    });
  };
  process.on('SIGUSR2', hear);
  reactor.after(1, () => process.kill(process.pid, 'SIGUSR2'));
  await reactor.run();
  process.off('SIGUSR2', hear);
  expect(seen).toEqual(['signal', 'promise']);
});

test('of many that are ready all the time each has its turn, and so have timers and signals', async () => {
  const reactor = boundedReactor();
  // More than one wait can tell of.
  const pipes = Array.from({ length: 300 }, pipe);
  const calls = new Map<number, number>(pipes.map(({ reading }) => [reading, 0]));
  const seen = { timer: false, signal: false };
  let total = 0;
  for (const { reading, writing } of pipes) {
    writeSync(writing, 'x');
    reactor.watch(reading, () => {
      calls.set(reading, calls.get(reading)! + 1);
      if (++total >= 3000 && seen.timer && seen.signal) reactor.stop();
    });
  }
  const hear = () => {
    seen.signal = true;
  };
  process.on('SIGUSR2', hear);
  reactor.after(0, () => {
    seen.timer = true;
    process.kill(process.pid, 'SIGUSR2');
  });
  await reactor.run();
  process.off('SIGUSR2', hear);
  const counts = [...calls.values()];
  expect(Math.min(...counts)).toBeGreaterThan(0);
  // None has had more than one turn before any other had its own.
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
});

test('what a callback throws is told, and keeps no other one from being called', async () => {
  const failures: unknown[] = [];
  const reactor = boundedReactor((error) => failures.push(error));
  const one = pipe();
  const other = pipe();
  const called: string[] = [];
  writeSync(one.writing, 'x');
  writeSync(other.writing, 'x');
  const failing = (name: string, descriptor: number) => () => {
    called.push(name);
    reactor.unwatch(descriptor);
    throw new Error(name);
  };
  reactor.watch(one.reading, failing('one', one.reading));
  reactor.watch(other.reading, failing('other', other.reading));
  reactor.after(0, () => {
    throw new Error('timer');
  });
  let turns = 0;
  reactor.everyTurn(() => {
    if (++turns === 1) throw new Error('turn');
  });
  reactor.after(10, () => reactor.stop());
  await reactor.run();
  expect(called.sort()).toEqual(['one', 'other']);
  expect(failures.map((error) => (error as Error).message).sort()).toEqual(['one', 'other', 'timer', 'turn']);
});

test('who has named nobody to be told gets the error from the loop', async () => {
  const reactor = boundedReactor();
  reactor.after(0, () => {
    throw new Error('unheard');
  });
  await expect(reactor.run()).rejects.toThrow('unheard');
});

test('who is unwatched within another one’s callback is not called, though both were ready at once', async () => {
  const reactor = boundedReactor();
  const pipes = [pipe(), pipe()];
  const called: number[] = [];
  for (const { reading, writing } of pipes) {
    writeSync(writing, 'x');
    reactor.watch(reading, () => {
      called.push(reading);
      for (const each of pipes) reactor.unwatch(each.reading);
    });
  }
  reactor.after(10, () => reactor.stop());
  await reactor.run();
  expect(called.length).toBe(1);
});

test('a number that is closed and opened again within a callback does not inherit what was told of the old one', async () => {
  const reactor = boundedReactor();
  const pipes = [pipe(), pipe()];
  const called: string[] = [];
  let replaced: Pipe | null = null;
  for (const [index, { reading, writing }] of pipes.entries()) {
    writeSync(writing, 'x');
    reactor.watch(reading, () => {
      called.push('old');
      for (const each of pipes) reactor.unwatch(each.reading);
      const other = pipes[1 - index]!;
      close(other.reading);
      close(other.writing);
      replaced = pipe();
      expect([other.reading, other.writing]).toContain(replaced.reading);
      reactor.watch(replaced.reading, () => called.push('new'));
    });
  }
  reactor.after(10, () => {
    called.push('written');
    writeSync(replaced!.writing, 'x');
    reactor.everyTurn(() => reactor.stop());
  });
  reactor.after(20, () => reactor.stop());
  await reactor.run();
  expect(called[0]).toBe('old');
  expect(called[1]).toBe('written');
});

test('what is done in every turn comes after what the turn was for', async () => {
  const reactor = boundedReactor();
  const order: string[] = [];
  reactor.everyTurn(() => {
    if (order.length === 1) {
      order.push('turn');
      reactor.stop();
    }
  });
  reactor.after(0, () => order.push('timer'));
  await reactor.run();
  expect(order).toEqual(['timer', 'turn']);
});

test('a loop that was stopped before it runs does nothing', async () => {
  const reactor = boundedReactor();
  reactor.after(0, () => {
    throw new Error('rung');
  });
  reactor.stop();
  await reactor.run();
});

test('a regular file is never waited for', () => {
  const root = mkdtempSync(join(tmpdir(), 'muster-reactor-'));
  writeFileSync(join(root, 'file'), '');
  const file = openSync(join(root, 'file'), 'r');
  open.add(file);
  expect(() => new Reactor().watch(file, () => {})).toThrow('EPERM');
  rmSync(root, { recursive: true });
});
