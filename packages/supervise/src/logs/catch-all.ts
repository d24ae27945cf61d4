/**
 * What nobody else logs: the standard output and error that services without a logger, and oneshots, have from the
 * embedded tree. Each of those services writes into a FIFO of its own, everything else into one that is shared; the tree
 * itself reads them all, and writes one small log in the live directory.
 *
 *     LIVE/catch-all/             a log directory (logger/log-directory.ts); lines `TIME NAME: text` (label.ts)
 *     LIVE/catch-all/reserve      the last lines of each service that are no longer there (reserve.ts)
 *     LIVE/catch-all/pipe         shared; its lines are of `rc-svscan`
 *     LIVE/catch-all/pipes/NAME   of one service
 *
 * A service has its own FIFO open for reading too: nobody reads it between the death of a tree and its next life, and nobody
 * shall be killed by SIGPIPE for that. In it is nothing but what the service itself has written.
 */
import { closeSync, constants, mkdirSync, openSync, readdirSync, readSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { enlargePipe, ensureFifo } from '@muster/posix/fifo';
import { waitingBytes } from '@muster/posix/poll';
import { ensurePipe, makePipesDirectory } from '@muster/posix/producer-pipe';
import type { Reactor } from '@muster/posix/reactor';
import { LogWriter } from '../logger/log-writer.ts';
import type { ServiceOutput } from '../tree/service/host.ts';
import type { Companion } from '../tree/tree.ts';
import { labelOf, TREE } from './label.ts';
import { keepLastLines } from './reserve.ts';
import { catchAllOf } from './sources.ts';

/** Bytes: at most four such files. */
const SIZE = 256 * 1024;
const KEEP = 3;
const SHARED_PIPE_SIZE = 1024 * 1024;
/** Bytes that are taken from one FIFO before the others, and everything else in the tree, have their turn. */
const PORTION = 2048;
/** Bytes without a newline after which one is made. */
const LONGEST_LINE = 4096;
const NEWLINE = 10;

interface Source {
  readonly head: Buffer;
  readonly path: string;
  readonly fifo: number;
  unfinished: Buffer;
}

/** A descriptor of the shared pipe to write to. */
export function openCatchAll(live: string): number {
  const path = sharedPipe(live);
  const pipe = openSync(path, constants.O_RDWR);
  enlargePipe(pipe, SHARED_PIPE_SIZE);
  return pipe;
}

/** The reading end, in the tree. */
export class CatchAll implements Companion, ServiceOutput {
  readonly #live: string;
  readonly #log: LogWriter;
  readonly #portion = Buffer.alloc(PORTION);
  readonly #sources = new Map<string, Source>();
  #reactor: Reactor | null = null;
  #shared: Source | null = null;

  constructor(live: string) {
    this.#live = live;
    mkdirSync(catchAllOf(live), { recursive: true, mode: 0o755 });
    makePipesDirectory(this.#pipes());
    this.#log = new LogWriter(
      { directory: catchAllOf(live), size: SIZE, keep: KEEP, timestamp: 'iso', prefix: '', select: [] },
      // There is nobody to tell: whoever reads the log is told by the log.
      { now: Date.now, tell: () => {}, erasing: (path) => this.#keepLastLines(path) },
    );
  }

  begin({ reactor }: { readonly reactor: Reactor }): void {
    this.#reactor = reactor;
    closeSync(openCatchAll(this.#live));
    this.#shared = this.#listen(TREE, sharedPipe(this.#live));
    // What an earlier life started may still write.
    for (const file of readdirSync(this.#pipes())) this.#readOnce(this.#source(serviceOf(file)));
  }

  open(service: string): number {
    return openSync(this.#source(service).path, constants.O_RDWR);
  }

  finish(service: string): void {
    const source = this.#sources.get(service);
    if (source !== undefined) this.#readAll(source);
  }

  forget(service: string): void {
    const source = this.#sources.get(service);
    if (source === undefined) return;
    this.#sources.delete(service);
    this.#stop(source);
    try {
      unlinkSync(source.path);
    } catch {
      // Somebody has removed it.
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
    const path = join(this.#pipes(), fileOf(service));
    ensurePipe(path);
    const source = this.#listen(service, path);
    this.#sources.set(service, source);
    return source;
  }

  #listen(name: string, path: string): Source {
    const fifo = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const source: Source = { head: Buffer.from(labelOf(name)), path, fifo, unfinished: Buffer.alloc(0) };
    this.#reactor!.watch(fifo, () => this.#readOnce(source));
    return source;
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

  #keepLastLines(path: string): void {
    try {
      keepLastLines(catchAllOf(this.#live), path, (service) => service === TREE || this.#sources.has(service));
    } catch {
      // No room: what is erased is gone, and what comes is written all the same.
    }
  }

  #pipes(): string {
    return join(catchAllOf(this.#live), 'pipes');
  }
}

/** The name of its FIFO: a service in log/ has a slash in its name. */
function fileOf(service: string): string {
  return service.replaceAll('%', '%25').replaceAll('/', '%2F');
}

function serviceOf(file: string): string {
  return file.replaceAll('%2F', '/').replaceAll('%25', '%');
}

/** Its path; it is made if it is missing. */
function sharedPipe(live: string): string {
  mkdirSync(catchAllOf(live), { recursive: true, mode: 0o755 });
  const path = join(catchAllOf(live), 'pipe');
  ensureFifo(path, 0o600);
  return path;
}
