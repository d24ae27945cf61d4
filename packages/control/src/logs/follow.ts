/**
 * Following a log directory across rotations. The kernel tells when something changes in the directory; then the open
 * file is read on, and if `current` is another file by now, so are the files that came between.
 */
import { closeSync, type FSWatcher, readSync, watch } from 'node:fs';
import type { LogEntry } from '@muster/protocol/logs/entry';
import {
  archivesBetween,
  type Current,
  type Extent,
  entriesBefore,
  entriesOf,
  newestArchive,
  openCurrent,
  parseLines,
  untold,
} from './log-files.ts';

const CHUNK = 65_536;
const NEWLINE = 10;

export class Follower {
  readonly #directory: string;
  readonly #take: (entries: LogEntry[]) => void;
  readonly #watcher: FSWatcher;
  #file: number | null = null;
  #inode = 0;
  #position = 0;
  #unfinished: Uint8Array = new Uint8Array(0);
  #time: number | null = null;

  /** What was there before: all that is taken comes right after it. */
  readonly before: readonly LogEntry[];

  /** Throws if the directory cannot be watched. `extent`: of `before`; `odd` is told what of that cannot be read. */
  constructor(directory: string, extent: Extent, take: (entries: LogEntry[]) => void, odd = untold) {
    this.#directory = directory;
    this.#take = take;
    this.#watcher = watch(directory, () => this.look());
    const current = openCurrent(directory, odd);
    this.before = entriesBefore(directory, current, extent, odd);
    if (current === null) {
      this.#inode = newestArchive(directory);
      return;
    }
    this.#open(current);
    this.#position = current.size;
    const last = { count: 1, since: Number.NEGATIVE_INFINITY };
    this.#time = entriesBefore(directory, current, last).at(-1)?.at ?? null;
  }

  look(): void {
    this.#readOn();
    const current = openCurrent(this.#directory);
    if (current === null || current.inode === this.#inode) {
      if (current !== null) closeSync(current.file);
      return;
    }
    // The last lines may have come after the last look and before the rotation.
    this.#readOn();
    const between = archivesBetween(this.#directory, this.#inode, current.inode);
    this.#open(current);
    for (const path of between) this.#emit(entriesOf(path));
    this.#readOn();
  }

  close(): void {
    this.#watcher.close();
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #open({ file, inode }: Current): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = file;
    this.#inode = inode;
    this.#position = 0;
    this.#unfinished = new Uint8Array(0);
  }

  #readOn(): void {
    if (this.#file === null) return;
    const chunk = new Uint8Array(CHUNK);
    for (;;) {
      const length = readSync(this.#file, chunk, 0, CHUNK, this.#position);
      if (length === 0) return;
      this.#position += length;
      const bytes = Buffer.concat([this.#unfinished, chunk.subarray(0, length)]);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      this.#unfinished = bytes.subarray(end);
      if (end > 0) this.#emit(parseLines(bytes.toString('utf8', 0, end), this.#time));
    }
  }

  #emit(entries: LogEntry[]): void {
    if (entries.length === 0) return;
    this.#time = entries.at(-1)!.at;
    this.#take(entries);
  }
}
