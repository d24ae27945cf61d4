/**
 * rc-log -f: what services write, as it comes, over updates and to the end of the live directory. What comes at the same
 * moment is merged by time; then it is shown as it comes.
 */

import { Follower } from '@muster/control/logs/follow';
import type { Extent } from '@muster/control/logs/log-files';
import { merged, type NamedEntry } from '@muster/control/logs/merge';
import { extentIn, type Log, type Logs, lastOf, logsOf, namedEntries } from '@muster/control/logs/selection';
import type { Opened } from '@muster/control/open/read';
import { followSuccession } from '@muster/control/open/succession';
import type { LogEntry } from '@muster/protocol/logs/entry';
import { EXIT } from '../exit-codes.ts';
import { tell } from '../output.ts';
import { complainAboutNames } from '../render/complain.ts';
import { visible } from '../render/visible.ts';
import { unkeptTexts } from './unkept.ts';

const PROGRAM = 'rc-log';
/** Milliseconds between looks for logs that are not there yet. */
const LOOK = 200;
const EVERYTHING: Extent = { count: Number.POSITIVE_INFINITY, since: Number.NEGATIVE_INFINITY };

export interface Following {
  /** Of services and bundles; none: all. */
  readonly names: readonly string[];
  /** What to begin with. */
  readonly extent: Extent;
  readonly show: (entries: readonly NamedEntry[]) => void;
}

/** An exit status. Until interrupted, or there is nothing more that could come. */
export function followLogs(first: Opened, following: Following): Promise<number> {
  const { root } = first.live.paths;
  const followed = new FollowedLogs(first, following);
  if (followed.isVain) return Promise.resolve(EXIT.failed);
  return new Promise((resolve, reject) => {
    const end = (status: number) => {
      succession.close();
      followed.close();
      resolve(status);
    };
    const succession = followSuccession(first, LOOK, {
      looks: () => followed.look(),
      moved: (opened, since) => {
        const status = followed.moveTo(opened, since);
        if (status !== null) end(status);
      },
      ended: () => {
        followed.flush();
        tell(`${PROGRAM}: ${root} has ended\n`);
        end(followed.status);
      },
      failed: (error) => {
        reject(error);
        followed.close();
      },
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end(followed.status));
  });
}

class FollowedLogs {
  /** For when it ends in order: something of a log could not be read. */
  status: number = EXIT.success;
  readonly #following: Following;
  #opened: Opened;
  /** By directory. */
  readonly #followers = new Map<string, Follower>();
  #logs = new Map<string, Log>();
  #missing: Log[] = [];
  #isAnyUnplaced = false;
  #unknown: readonly string[] = [];
  #waiting: (readonly NamedEntry[])[] = [];

  constructor(opened: Opened, following: Following) {
    this.#following = following;
    this.#opened = opened;
    opened.records.close();
    const found = logsOf(opened, following.names);
    this.#take(found);
    const odd = new Set<string>();
    const before = found.logs.map((log) => this.#begin(log, following.extent, odd) ?? []);
    following.show(lastOf(before, following.extent));
    this.#tellOdd(odd);
    this.#tellMissing(found);
  }

  /** Nothing can ever come. */
  get isVain(): boolean {
    return this.#logs.size === 0 && this.#following.names.length > 0 && !this.#isAnyUnplaced;
  }

  /** Nobody tells of a directory that is made, whose parent may be missing as well. */
  look(): void {
    if (this.#isAnyUnplaced) this.#take(logsOf(this.#opened, this.#following.names));
    for (const log of this.#missing.splice(0)) {
      const entries = this.#begin(log, EVERYTHING, new Set());
      if (entries === null) this.#missing.push(log);
      else this.#following.show(entries);
    }
  }

  /** After an update, which happened after `since`. An exit status: nothing of what was asked for is left. */
  moveTo(opened: Opened, since: number): number | null {
    this.flush();
    const before = new Set(this.#unknown);
    this.#opened = opened;
    opened.records.close();
    const { names, show, extent } = this.#following;
    const found = logsOf(opened, names);
    const known = new Set(this.#logs.keys());
    this.#take(found);
    const gone = found.unknown.filter((name) => !before.has(name));
    if (gone.length > 0) complainAboutNames(PROGRAM, gone, opened.database);
    if (names.length > 0 && found.unknown.length === names.length) return EXIT.unknownName;
    const odd = new Set<string>();
    const added = found.logs.filter(({ directory }) => !known.has(directory));
    const latest = { count: Number.POSITIVE_INFINITY, since: Math.max(since, extent.since) };
    show(merged(added.map((log) => this.#begin(log, latest, odd) ?? [])));
    this.#tellOdd(odd);
    this.#tellMissing({ ...found, logs: added });
    return this.isVain ? EXIT.failed : null;
  }

  /** Shows what has been written until now. */
  flush(): void {
    for (const follower of this.#followers.values()) follower.look();
    this.#showWaiting();
  }

  close(): void {
    for (const follower of this.#followers.values()) follower.close();
    this.#showWaiting();
  }

  /** From now on these. */
  #take({ logs, unkept, unknown }: Logs): void {
    this.#logs = new Map(logs.map((log) => [log.directory, log]));
    this.#isAnyUnplaced = unkept.some(({ logger }) => logger !== null);
    this.#unknown = unknown;
    this.#missing = logs.filter(({ directory }) => !this.#followers.has(directory));
    for (const [directory, follower] of this.#followers) {
      if (this.#logs.has(directory)) continue;
      follower.close();
      this.#followers.delete(directory);
    }
  }

  /** What of it was there before; null if it is not there. */
  #begin(log: Log, wanted: Extent, odd: Set<string>): NamedEntry[] | null {
    const { directory } = log;
    const take = (entries: readonly LogEntry[]) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#showWaiting());
      this.#waiting.push(namedEntries(this.#logs.get(directory) ?? log, entries));
    };
    try {
      const follower = new Follower(directory, extentIn(log, wanted), take, (message) => odd.add(message));
      this.#followers.set(directory, follower);
      this.#missing = this.#missing.filter((missing) => missing.directory !== directory);
      return namedEntries(log, follower.before);
    } catch {
      return null;
    }
  }

  #showWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length > 0) this.#following.show(merged(waiting));
  }

  #tellOdd(odd: ReadonlySet<string>): void {
    for (const message of odd) tell(`${PROGRAM}: not shown: ${visible(message)}\n`);
    if (odd.size > 0) this.status = EXIT.failed;
  }

  #tellMissing({ logs, unkept }: Logs): void {
    for (const { directory, isExpected } of logs) {
      if (isExpected && !this.#followers.has(directory))
        tell(`${PROGRAM}: nothing has been written to ${directory} yet\n`);
    }
    for (const text of unkeptTexts(this.#opened, unkept)) tell(`${PROGRAM}: ${text}\n`);
  }
}
