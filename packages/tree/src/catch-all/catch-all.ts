/**
 * What nobody else logs: the standard output and error that services without a logger, and oneshots, have from the
 * embedded tree. Each of those services writes into a FIFO of its own, everything else into one that is shared; the tree
 * itself reads them all, and writes one small log in the live directory.
 *
 *     LIVE/catch-all/                 a log directory (logger/rotated-log.ts); lines `TIME NAME: text` (label.ts)
 *     LIVE/catch-all/reserve          the last lines of each service that are no longer there (reserve.ts)
 *     LIVE/catch-all/pipe             shared; its lines are of `rc-svscan`
 *     LIVE/catch-all/pipes/NAME       of one service
 *     LIVE/catch-all/log-pipes/NAME   of the logger in its log/
 *
 * A service has its own FIFO open for reading too: nobody reads it between the death of a tree and its next life, and nobody
 * shall be killed by SIGPIPE for that. In it is nothing but what the service itself has written.
 * One that nobody else has open is empty: the tree lets go of it when the process that it was opened for has ended for good. One for
 * which there is no descriptor to spare is replaced by the shared one.
 */
import { closeSync, constants, mkdirSync, openSync, readdirSync, readSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isRead } from '@muster/posix/fifo';
import { waitingBytes } from '@muster/posix/poll';
import { ensurePipe, makePipesDirectory } from '@muster/posix/producer-pipe';
import type { Reactor } from '@muster/posix/reactor';
import { catchAllOf, openCatchAll, sharedPipe } from '@muster/protocol/logs/catch-all';
import { labelOf, TREE } from '@muster/protocol/logs/label';
import { LogWriter } from '../logger/log-writer.ts';
import type { Processes } from '../processes.ts';
import type { ServiceOutput } from '../service/host.ts';
import type { Companion } from '../tree.ts';
import { keepLastLines } from './reserve.ts';

/** Bytes: at most four such files. */
const SIZE = 256 * 1024;
const KEEP = 3;
/** Bytes that are taken from one FIFO before the others, and everything else in the tree, have their turn. */
const PORTION = 2048;
/** Bytes without a newline after which one is made. */
const LONGEST_LINE = 4096;
const NEWLINE = 10;
/** Milliseconds between looks whether what an ended process has left has let go of its FIFO. */
const LET_GO_LOOK = 10_000;

interface Source {
  readonly head: Buffer;
  readonly path: string;
  fifo: number;
  unfinished: Buffer;
}

/** The reading end, in the tree. */
export class CatchAll implements Companion, ServiceOutput {
  readonly #live: string;
  readonly #inode: number;
  /** Of FIFOs, the more particular first. `suffix`: of the names of services whose FIFOs are there. */
  readonly #places: readonly { readonly directory: string; readonly suffix: string }[];
  readonly #log: LogWriter;
  readonly #portion = Buffer.alloc(PORTION);
  readonly #sources = new Map<string, Source>();
  /** Those whose process has ended, and which something that it has left still writes to. */
  readonly #left = new Set<string>();
  #reactor: Reactor | null = null;
  #processes: Pick<Processes, 'hasRoomFor'> | null = null;
  #shared: Source | null = null;

  constructor(live: string) {
    this.#live = live;
    this.#places = [
      { directory: join(catchAllOf(live), 'log-pipes'), suffix: '/log' },
      { directory: join(catchAllOf(live), 'pipes'), suffix: '' },
    ];
    mkdirSync(catchAllOf(live), { recursive: true, mode: 0o755 });
    this.#inode = statSync(live).ino;
    for (const { directory } of this.#places) makePipesDirectory(directory);
    this.#log = new LogWriter(
      { directory: catchAllOf(live), size: SIZE, keep: KEEP, timestamp: 'iso', prefix: '', select: [] },
      // There is nobody to tell: whoever reads the log is told by the log.
      {
        now: Date.now,
        tell: () => {},
        erasing: (path) => this.#keepLastLines(path),
        mayMake: () => this.#isInPlace(),
      },
    );
  }

  begin({
    reactor,
    processes,
  }: {
    readonly reactor: Reactor;
    readonly processes: Pick<Processes, 'hasRoomFor'>;
  }): void {
    this.#reactor = reactor;
    this.#processes = processes;
    closeSync(openCatchAll(this.#live));
    // Its files are made now: when there is no room for a file any more, that can still be said.
    this.#log.flush();
    this.#shared = this.#listen(TREE, sharedPipe(this.#live));
    // What an earlier life started may still write.
    for (const { directory, suffix } of this.#places) {
      for (const name of readdirSync(directory)) {
        if (!isRead(join(directory, name))) continue;
        const source = this.#source(`${name}${suffix}`);
        if (source !== this.#shared) this.#readOnce(source);
      }
    }
  }

  open(service: string): number {
    this.#left.delete(service);
    return openSync(this.#source(service).path, constants.O_RDWR);
  }

  note(service: string, message: string): void {
    this.#log.write(Buffer.from(`${labelOf(service)}${message}\n`));
  }

  finish(service: string): void {
    const source = this.#sources.get(service);
    if (source !== undefined) this.#readAll(source);
  }

  release(service: string): void {
    const source = this.#sources.get(service);
    if (source === undefined || this.#letGo(service, source)) return;
    if (this.#left.size === 0) this.#reactor!.after(LET_GO_LOOK, () => this.#lookAtLeft());
    this.#left.add(service);
  }

  forget(service: string): void {
    this.#left.delete(service);
    const source = this.#sources.get(service);
    this.#sources.delete(service);
    if (source !== undefined) this.#stop(source);
    try {
      unlinkSync(this.#pathOf(service));
    } catch {
      // There was none, or somebody has removed it.
    }
  }

  /** What the tree itself has to say, past the pipe: it must not wait for its own reading. */
  say(message: string): void {
    this.#log.write(Buffer.from(`${labelOf(TREE)}${message}\n`));
  }

  /** Services may write to the last: reading goes on until `close`. */
  end(done: () => void): void {
    done();
  }

  /** When all others are gone. What still runs finds its FIFO again in the next life. */
  close(): void {
    if (this.#shared === null) return;
    for (const source of [this.#shared, ...this.#sources.values()]) this.#stop(source);
    this.#shared = null;
    this.#sources.clear();
    this.#log.close();
  }

  #source(service: string): Source {
    const known = this.#sources.get(service);
    if (known !== undefined) return known;
    const path = this.#pathOf(service);
    ensurePipe(path);
    const source = this.#listen(service, path);
    if (!this.#processes!.hasRoomFor(source.fifo)) {
      this.#stop(source);
      return this.#shared!;
    }
    this.#sources.set(service, source);
    return source;
  }

  /** False if something else has its FIFO open, and may write. */
  #letGo(service: string, source: Source): boolean {
    this.#stop(source);
    this.#sources.delete(service);
    try {
      if (!isRead(source.path)) return true;
      source.fifo = this.#watched(source);
    } catch {
      // The descriptor that was just free is not any more. What is left writes into a FIFO that the next start reads.
      return true;
    }
    this.#sources.set(service, source);
    return false;
  }

  #lookAtLeft(): void {
    for (const service of this.#left) {
      const source = this.#sources.get(service);
      if (source === undefined || this.#letGo(service, source)) this.#left.delete(service);
    }
    if (this.#left.size > 0) this.#reactor!.after(LET_GO_LOOK, () => this.#lookAtLeft());
  }

  #listen(name: string, path: string): Source {
    const source: Source = { head: Buffer.from(labelOf(name)), path, fifo: -1, unfinished: Buffer.alloc(0) };
    source.fifo = this.#watched(source);
    return source;
  }

  #watched(source: Source): number {
    const fifo = openSync(source.path, constants.O_RDWR | constants.O_NONBLOCK);
    this.#reactor!.watch(fifo, () => this.#readOnce(source));
    return fifo;
  }

  #stop(source: Source): void {
    this.#readAll(source);
    this.#reactor!.unwatch(source.fifo);
    closeSync(source.fifo);
  }

  /** To the end of what is there now, the last line whether it is complete or not. */
  #readAll(source: Source): void {
    for (let left = waitingBytes(source.fifo); left > 0; left -= PORTION) this.#readOnce(source);
    if (source.unfinished.length > 0)
      this.#log.write(Buffer.concat([source.head, source.unfinished, Buffer.from('\n')]));
    source.unfinished = Buffer.alloc(0);
  }

  #readOnce(source: Source): void {
    let length: number;
    try {
      length = readSync(source.fifo, this.#portion, 0, PORTION, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return;
      throw error;
    }
    const lines: Uint8Array[] = [];
    let rest = Buffer.concat([source.unfinished, this.#portion.subarray(0, length)]);
    for (;;) {
      const newline = rest.indexOf(NEWLINE);
      const end = newline === -1 && rest.length > LONGEST_LINE ? LONGEST_LINE : newline;
      if (end === -1) break;
      lines.push(source.head, rest.subarray(0, end), Uint8Array.of(NEWLINE));
      rest = rest.subarray(end === newline ? end + 1 : end);
    }
    source.unfinished = rest;
    if (lines.length > 0) this.#log.write(Buffer.concat(lines));
  }

  /** The live directory may have been moved, and what is made in its place would keep rc-init from making another one. */
  #isInPlace(): boolean {
    return statSync(this.#live, { throwIfNoEntry: false })?.ino === this.#inode;
  }

  #keepLastLines(path: string): void {
    try {
      keepLastLines(catchAllOf(this.#live), path, (service) => service === TREE || this.#sources.has(service));
    } catch {
      // No room: what is erased is gone, and what comes is written all the same.
    }
  }

  /**
   * A service in log/ has a slash in its name. A directory for each kind, and the name as it is: a name may be as long as
   * that of a file.
   */
  #pathOf(service: string): string {
    const { directory, suffix } = this.#places.find(({ suffix }) => service.endsWith(suffix))!;
    return join(directory, service.slice(0, service.length - suffix.length));
  }
}
