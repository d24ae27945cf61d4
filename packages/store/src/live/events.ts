/**
 * The events of a live directory: what changes did, one JSON object a line, in `events` and, before that, `events.old`.
 *
 * Lines are appended, and several processes may do so at once. An event's sequence number is the place of its line: the
 * number in the head of its file, and the bytes between. So numbers rise, none is given twice, nobody has to agree on
 * them, and whoever knows one can go on after it. When a file is full, the next one begins with a number that is well
 * beyond everything that late writers may still add to the old one.
 */
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { openRegular, readRegular, readRegularText } from '@muster/posix/regular-file';
import type { LivePaths } from './paths.ts';

/** Bytes of a file after which the next one begins, and what is left free for late writers. */
const FULL = 512 * 1024;
const SLACK = 1024 * 1024;
/** Bytes that a writer adds between two looks at whether its file is full, or another one is in its place. */
const STRIDE = 32 * 1024;

export interface NewEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds since boot, for what lies between two events: the clock can be set. Absent if an older version wrote it. */
  readonly uptime?: number;
  readonly event: string;
  /** The process that did it. */
  readonly change: number;
  /** By name; absent where an event is about a whole change. */
  readonly service?: string;
  readonly [field: string]: unknown;
}

export interface RecordedEvent extends NewEvent {
  /** Rises with every event. */
  readonly seq: number;
}

/** Appends events. Nothing that happens to that file keeps a change from going on. */
export class EventWriter {
  readonly #path: string;
  #file: number | null = null;
  #added = STRIDE;

  constructor(paths: Pick<LivePaths, 'events'>) {
    this.#path = paths.events;
  }

  append(events: readonly NewEvent[]): void {
    try {
      const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      const file = this.#current();
      this.#added += writeSync(file, text);
    } catch {
      // A full disk, or a live directory that is just being removed.
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #current(): number {
    if (this.#file !== null && this.#added < STRIDE) return this.#file;
    this.#added = 0;
    this.#file ??= openAt(this.#path, 0);
    const { ino, size } = fstatSync(this.#file);
    const now = statSync(this.#path, { throwIfNoEntry: false });
    if (now?.ino === ino && size < FULL) return this.#file;
    if (now?.ino === ino) beginNext(this.#path, ino, headOf(readRegularText(this.#path)) + size + SLACK);
    closeSync(this.#file);
    this.#file = openAt(this.#path, 0);
    return this.#file;
  }
}

/** Opens the file for appending; makes it, if it is not there, with this number in its head. */
function openAt(path: string, base: number): number {
  makeWhole(path, base);
  return openRegular(path, { flags: constants.O_WRONLY | constants.O_APPEND }).descriptor;
}

/** With its head or not at all, and only once. */
function makeWhole(path: string, base: number): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, `${base}\n`, { mode: 0o644 });
  try {
    linkSync(fresh, path);
  } catch {
    // Somebody else was first.
  } finally {
    unlinkSync(fresh);
  }
}

/** The full file becomes the old one. Whoever finds that somebody else has done so meanwhile leaves it. */
function beginNext(path: string, full: number, base: number): void {
  const next = `${path}.${process.pid}`;
  const old = `${path}.old.${process.pid}`;
  writeFileSync(next, `${base}\n`, { mode: 0o644 });
  linkSync(path, old);
  if (statSync(old).ino === full) {
    renameSync(old, `${path}.old`);
    renameSync(next, path);
  } else {
    unlinkSync(old);
    unlinkSync(next);
  }
}

/** Every event with a number greater than `since`, oldest first. */
export function readEvents(paths: Pick<LivePaths, 'events'>, since = -1): RecordedEvent[] {
  return [`${paths.events}.old`, paths.events].flatMap((path) => eventsIn(path, since));
}

function eventsIn(path: string, since: number): RecordedEvent[] {
  let text: string;
  try {
    text = readRegular(path, { follow: true }).toString('latin1');
  } catch {
    return [];
  }
  const base = headOf(text);
  const events: RecordedEvent[] = [];
  for (let start = text.indexOf('\n') + 1; start > 0 && start < text.length; ) {
    const end = text.indexOf('\n', start);
    if (end === -1) break;
    const seq = base + start;
    const event = seq > since ? parsed(text.slice(start, end)) : null;
    if (event !== null) events.push({ ...event, seq });
    start = end + 1;
  }
  return events;
}

function headOf(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

/** Null if it is half a line, of a writer that was killed. */
function parsed(line: string): NewEvent | null {
  try {
    return JSON.parse(Buffer.from(line, 'latin1').toString('utf8'));
  } catch {
    return null;
  }
}
