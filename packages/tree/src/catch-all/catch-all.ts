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
 * Where somebody else gets the lines as well (line-sink.ts), standard error has FIFOs of its own, beside these: `error-pipes`,
 * `log-error-pipes`.
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
import type { LineSink } from './line-sink.ts';
import { keepLastLines } from './reserve.ts';

/** Bytes: at most four such files. */
const SIZE = 256 * 1024;
const KEEP = 3;
/** Bytes that are taken from one FIFO before the others, and everything else in the tree, have their turn. */
const PORTION = 2048;
/** Where somebody else gets them as well, who may have been promised more. */
const PORTION_TO_SINK = 16 * 1024;
/** Bytes without a newline after which one is made; with such a sink, likewise. */
const LONGEST_LINE = 4096;
const LONGEST_LINE_TO_SINK = 8192;
/** Behind the name of a service: its standard error. No name has such a character. */
const ERRORS = '\0';
const NEWLINE = 10;
/** Milliseconds between looks whether what an ended process has left has let go of its FIFO. */
const LET_GO_LOOK = 10_000;

interface Source {
  readonly service: string;
  readonly stream: 'output' | 'errors';
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
  readonly #sink: LineSink | null;
  readonly #portion: Buffer;
  readonly #longestLine: number;
  /** By the service's name, with `ERRORS` behind it for its standard error. */
  readonly #sources = new Map<string, Source>();
  /** Those whose process has ended, and which something that it has left still writes to. */
  readonly #left = new Set<string>();
  #reactor: Reactor | null = null;
  #processes: Pick<Processes, 'hasRoomFor'> | null = null;
  #shared: Source | null = null;

  /** `sink`: gets every line as well. */
  constructor(live: string, sink: LineSink | null = null) {
    this.#live = live;
    this.#sink = sink;
    this.#portion = Buffer.alloc(sink === null ? PORTION : PORTION_TO_SINK);
    this.#longestLine = sink === null ? LONGEST_LINE : LONGEST_LINE_TO_SINK;
    const ofErrors = [
      { directory: join(catchAllOf(live), 'log-error-pipes'), suffix: `/log${ERRORS}` },
      { directory: join(catchAllOf(live), 'error-pipes'), suffix: ERRORS },
    ];
    this.#places = [
      ...(sink === null ? [] : ofErrors),
      { directory: join(catchAllOf(live), 'log-pipes'), suffix: '/log' },
      { directory: join(catchAllOf(live), 'pipes'), suffix: '' },
    ];
    mkdirSync(catchAllOf(live), { recursive: true, mode: 0o755 });
    this.#inode = statSync(live).ino;
    for (const { directory } of this.#places) makePipesDirectory(directory);
    this.#log = new LogWriter(
      {
        directory: catchAllOf(live),
        size: SIZE,
        keep: KEEP,
        timestamp: 'iso',
        prefix: '',
        mode: 0o644,
        link: null,
        select: [],
      },
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

  openErrors(service: string): number | undefined {
    return this.#sink === null ? undefined : this.open(`${service}${ERRORS}`);
  }

  note(service: string, message: string): void {
    this.#log.write(Buffer.from(`${labelOf(service)}${message}\n`));
    this.#sink?.note(service, message);
  }

  finish(service: string): void {
    for (const key of this.#keysOf(service)) {
      const source = this.#sources.get(key);
      if (source !== undefined) this.#readAll(source);
    }
  }

  release(service: string): void {
    for (const key of this.#keysOf(service)) {
      const source = this.#sources.get(key);
      if (source === undefined || this.#letGo(key, source)) continue;
      if (this.#left.size === 0) this.#reactor!.after(LET_GO_LOOK, () => this.#lookAtLeft());
      this.#left.add(key);
    }
  }

  forget(service: string): void {
    for (const key of this.#keysOf(service)) {
      this.#left.delete(key);
      const source = this.#sources.get(key);
      this.#sources.delete(key);
      if (source !== undefined) this.#stop(source);
      try {
        unlinkSync(this.#pathOf(key));
      } catch {
        // There was none, or somebody has removed it.
      }
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

  #keysOf(service: string): string[] {
    return this.#sink === null ? [service] : [service, `${service}${ERRORS}`];
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
    const service = name.replace(ERRORS, '');
    const stream = name === service ? 'output' : 'errors';
    const head = Buffer.from(labelOf(service));
    const source: Source = { service, stream, head, path, fifo: -1, unfinished: Buffer.alloc(0) };
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
    for (let left = waitingBytes(source.fifo); left > 0; left -= this.#portion.length) this.#readOnce(source);
    if (source.unfinished.length > 0) this.#pass(source, [source.unfinished]);
    source.unfinished = Buffer.alloc(0);
  }

  #readOnce(source: Source): void {
    let count: number;
    try {
      count = readSync(source.fifo, this.#portion, 0, this.#portion.length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return;
      throw error;
    }
    const lines: Uint8Array[] = [];
    let rest = Buffer.concat([source.unfinished, this.#portion.subarray(0, count)]);
    for (;;) {
      const newline = rest.indexOf(NEWLINE);
      // What is promised of a line's length is promised to the sink.
      const length = newline === -1 ? rest.length : this.#sink === null ? 0 : newline;
      const isTooLong = length > this.#longestLine;
      const end = isTooLong ? this.#longestLine : newline;
      if (end === -1) break;
      lines.push(rest.subarray(0, end));
      rest = rest.subarray(end === newline ? end + 1 : end);
    }
    source.unfinished = rest;
    if (lines.length > 0) this.#pass(source, lines);
  }

  #pass({ service, stream, head }: Source, lines: readonly Uint8Array[]): void {
    this.#log.write(Buffer.concat(lines.flatMap((line) => [head, line, Uint8Array.of(NEWLINE)])));
    if (this.#sink !== null) for (const line of lines) this.#sink.write(service, stream, line);
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
