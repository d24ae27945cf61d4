/**
 * The client's end of the embedded tree's aggregated channel: orders for any service through one FIFO, and what happens to
 * any service through another. See tree/channel.ts.
 *
 *     closed ──open──▶ opening ──the tree greets──▶ open ──end of file──▶ closed
 */
import { closeSync, rmSync, unlinkSync } from 'node:fs';
import { isAbsent } from '@muster/posix/absence';
import { makeFifo, openFifoForReading, openFifoForWriting, writeToFifo } from '@muster/posix/fifo';
import { type Chunks, runtime } from '@muster/posix/runtime/runtime';
import { hasUnread, withdrawOrders } from '@muster/posix/unread-orders';

/** What arrives in one piece. */
const PIECE = 4096;
/** Milliseconds until orders for which there was no room are tried again. */
const PAUSE = 1;

export interface Listener {
  /** The tree tells every change from here on. */
  opened(): void;
  /** Something happened to the service of this name; the letters are those of its own `event/`. */
  changed(name: string, letter: string): void;
  /** The tree is gone, or we were too slow: everything may have changed. */
  lost(): void;
  /** The system keeps orders from being given, or what happens from being heard; or who was told of something threw. */
  refused(error: unknown): void;
}

export class ChannelClient {
  readonly #directory: string;
  readonly #listener: Listener;
  #events: Events | null = null;
  #control: number | null = null;
  #orders = '';
  #isFlushing = false;
  #isWithoutRoom = false;

  /** `directory`: `.rc-svscan` in the tree's scandir. */
  constructor(directory: string, listener: Listener) {
    this.#directory = directory;
    this.#listener = listener;
  }

  /** There is a place to subscribe at, and nothing can be made there (no inode, no descriptor): what happens is not told. */
  get isWithoutRoom(): boolean {
    return this.#isWithoutRoom;
  }

  /** Subscribes, unless that has been done. False if no tree is there, or there is no room. */
  open(): boolean {
    if (this.#events !== null) return true;
    const events = subscribe(`${this.#directory}/event`);
    this.#isWithoutRoom = events === 'no room';
    if (events === null || events === 'no room') return false;
    this.#events = events;
    this.#listen(events).catch((error) => {
      // A later subscription has nothing to do with it.
      if (this.#events !== null && this.#events !== events) return;
      this.close();
      this.#listener.refused(error);
    });
    return true;
  }

  /** Orders given in one go are written in one go. Nothing happens if the tree is gone. */
  order(letter: string, name: string): void {
    this.#orders += `${letter} ${name}\n`;
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => this.#tryFlush());
  }

  /** Whether there is anything that the tree has not read of the service of this name. */
  isUnread(name: string): boolean {
    return this.#waiting().some(isFor(name)) || hasUnread(`${this.#directory}/control`, '\n', isFor(inBytes(name)));
  }

  /** Takes it back. False if it has read all. */
  withdraw(name: string): boolean {
    const waiting = this.#waiting();
    const others = waiting.filter((order) => !isFor(name)(order));
    this.#orders = others.map((order) => `${order}\n`).join('');
    const wasUnread = withdrawOrders(`${this.#directory}/control`, '\n', isFor(inBytes(name)));
    return wasUnread || others.length < waiting.length;
  }

  /** Orders that have not even been written. */
  #waiting(): string[] {
    return this.#orders.split('\n').filter((order) => order !== '');
  }

  close(): void {
    const events = this.#events;
    this.#events = null;
    if (events !== null) this.#end(events);
    if (this.#control !== null) closeSync(this.#control);
    this.#control = null;
  }

  async #listen(events: Events): Promise<void> {
    let unfinished = '';
    for (;;) {
      const told = await events.chunks.next();
      if (this.#events !== events) return;
      if (told === null) break;
      events.letGo();
      const lines = (unfinished + Buffer.from(told).toString()).split('\n');
      unfinished = lines.pop()!;
      for (const line of lines) this.#take(line);
    }
    this.close();
    this.#listener.lost();
  }

  #take(line: string): void {
    const blank = line.indexOf(' ');
    const name = line.slice(blank + 1);
    if (name === '.') this.#listener.opened();
    else this.#listener.changed(name, line.slice(0, blank));
  }

  #tryFlush(): void {
    try {
      this.#flush();
    } catch (error) {
      this.#orders = '';
      this.#listener.refused(error);
    }
  }

  #flush(): void {
    this.#isFlushing = false;
    this.#control ??= openFifoForWriting(`${this.#directory}/control`);
    while (this.#orders !== '' && this.#control !== null) {
      const piece = firstPiece(this.#orders);
      switch (writeToFifo(this.#control, Buffer.from(piece))) {
        case 'written':
          this.#orders = this.#orders.slice(piece.length);
          break;
        case 'full':
          this.#isFlushing = true;
          setTimeout(() => this.#tryFlush(), PAUSE);
          return;
        case 'unread':
          closeSync(this.#control);
          this.#control = null;
          break;
      }
    }
    this.#orders = '';
  }

  #end(events: Events): void {
    try {
      unlinkSync(events.path);
    } catch {
      // The tree has done so.
    }
    events.letGo();
    // A read that is under way would keep the process alive.
    const close = () => closeSync(events.descriptor);
    events.chunks.cancel().then(close, close);
  }
}

interface Events {
  readonly path: string;
  readonly descriptor: number;
  readonly chunks: Chunks;
  /** The tree has opened it: only that keeps it from its end from now on. */
  letGo(): void;
}

let subscriptions = 0;

const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE']);

/** Null if there is no such directory, or it is not for this user. */
function subscribe(directory: string): Events | 'no room' | null {
  const path = `${directory}/${process.pid}.${++subscriptions}`;
  try {
    makeFifo(path, 0o600);
  } catch (error) {
    return isForWantOfRoom(error) ? 'no room' : null;
  }
  try {
    return openEvents(path);
  } catch (error) {
    rmSync(path, { force: true });
    if (isForWantOfRoom(error)) return 'no room';
    // With the whole directory.
    if (isAbsent(error)) return null;
    throw error;
  }
}

function openEvents(path: string): Events {
  const descriptor = openFifoForReading(path);
  let own: number | null;
  try {
    // Until the tree writes, a FIFO without any writer would be at its end.
    own = openFifoForWriting(path);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  const letGo = () => {
    if (own !== null) closeSync(own);
    own = null;
  };
  return { path, descriptor, chunks: runtime.chunksOf(descriptor), letGo };
}

function isForWantOfRoom(error: unknown): boolean {
  return error instanceof Error && 'code' in error && NO_ROOM.has(String(error.code));
}

function isFor(name: string): (order: string) => boolean {
  return (order) => order.slice(order.indexOf(' ') + 1) === name;
}

/** A name as unread orders have it, which are bytes. */
function inBytes(name: string): string {
  return Buffer.from(name).toString('latin1');
}

/** As many whole lines as arrive in one piece, at least one. */
function firstPiece(orders: string): string {
  if (Buffer.byteLength(orders) <= PIECE) return orders;
  let end = orders.indexOf('\n') + 1;
  for (;;) {
    const next = orders.indexOf('\n', end) + 1;
    if (next === 0 || Buffer.byteLength(orders.slice(0, next)) > PIECE) return orders.slice(0, end);
    end = next;
  }
}
