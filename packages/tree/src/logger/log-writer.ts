/**
 * A logger, without its input: chunks go in, selected and stamped lines go to a rotated directory.
 *
 *     chunk ─▶ lines ─▶ selection ─▶ stamp ─▶ backlog ─▶ directory
 *
 * The backlog is empty as long as the directory takes what it is given. When it does not (full disk, a directory that
 * is not mounted yet), the writer says so once, holds lines back up to a limit, and tries again when it is asked to;
 * what did not fit into the limit is counted, and said in the log itself where it is missing. What is still held back at the
 * end is kept for the next logger, if there is a place for it (held-lines.ts).
 *
 * Before each write it is looked whether `current` is still what is open: if it, or the directory, was moved or removed,
 * another one is begun.
 */
import type { LogDirectives } from '@muster/core/model/log-directives';
import { Backlog } from './backlog.ts';
import type { HeldLines } from './held-lines.ts';
import { LineSplitter } from './lines.ts';
import { OddFile } from './odd-file.ts';
import { OtherLogger, type PipeOrigin, RotatedLog } from './rotated-log.ts';
import { selection } from './selection.ts';
import { stamper } from './stamp.ts';

const NEWLINE = 10;
const UTF8 = new TextEncoder();
/** Bytes. */
const BACKLOG = 1024 * 1024;
const MAY_NOT: ReadonlySet<string | null> = new Set(['EACCES', 'EPERM']);

export interface LogWriterPorts {
  /** Milliseconds since the epoch. */
  now(): number;
  /** For people, one line. */
  tell(message: string): void;
  /** Absent if what is held back at the end is lost. */
  readonly held?: HeldLines;
  /** Called before a file of the log is erased for others; it does not throw. */
  erasing?(path: string): void;
  /** False if what is in the place of the log's directory now is not this logger's: then it makes nothing there. Absent if it always may. */
  mayMake?(): boolean;
}

/** A pipe whose bytes stay in it until they are written. */
export interface SafePipe {
  /** Tells its first `count` bytes from others; null if there are not so many. */
  digest(count: number): bigint | null;
  consume(count: number): void;
}

export class LogWriter {
  readonly #directives: LogDirectives;
  readonly #ports: LogWriterPorts;
  readonly #splitter = new LineSplitter();
  readonly #isSelected: (line: Uint8Array) => boolean;
  readonly #stamp: (time: number) => Uint8Array;
  readonly #backlog: Backlog;
  #directory: RotatedLog | null = null;
  #wasOpen = false;
  /** What the last attempt failed with, so that it is told once. */
  #trouble: string | null = null;
  /** Something is, or may be, in `held`. */
  #isRecorded: boolean;
  /** Of what is appended next. */
  #origin: PipeOrigin | null = null;

  constructor(directives: LogDirectives, ports: LogWriterPorts, backlog = BACKLOG) {
    this.#directives = directives;
    this.#ports = ports;
    this.#isSelected = selection(directives.select);
    this.#stamp = stamper(directives.timestamp, directives.prefix);
    this.#backlog = new Backlog(backlog);
    this.#isRecorded = ports.held !== undefined;
    for (const line of ports.held?.take() ?? []) this.#backlog.add(line);
  }

  /** The directory has gone, and this process may not make another one: one that is started again may be given it. */
  get isStranded(): boolean {
    return this.#ports.held !== undefined && this.#wasOpen && this.#directory === null && MAY_NOT.has(this.#trouble);
  }

  /** Lines are held back: `flush` should be called again soon. */
  get isHoldingBack(): boolean {
    return !this.#backlog.isEmpty;
  }

  write(chunk: Uint8Array): void {
    const now = this.#ports.now();
    for (const line of this.#splitter.split(chunk)) this.#take(line, now);
    this.flush();
  }

  /** Before the first of `writeFrom`: what an earlier logger has written, and could not take out of the pipe any more. */
  resume(pipe: SafePipe): void {
    const inherited = this.#directory?.inherited;
    if (inherited === null || inherited === undefined) return;
    if (pipe.digest(inherited.count) === inherited.digest) pipe.consume(inherited.count);
    this.#forgetIntent();
  }

  /**
   * `lines`, whole ones, are the first bytes of `pipe`. The first of them, as many as one file has room for, are written in
   * one piece and then taken out of it, in a way that a logger which comes after a SIGKILL neither misses nor repeats any.
   * Answers of how many bytes they were.
   */
  writeFrom(pipe: SafePipe, lines: Uint8Array): number {
    if (this.isHoldingBack || !this.#splitter.isEmpty || this.#directory === null) {
      this.write(lines);
      pipe.consume(lines.length);
      return lines.length;
    }
    const count = this.#takeWhatFits(lines, this.#directory.room);
    const digest = this.#backlog.isEmpty ? null : pipe.digest(count);
    this.#origin = digest === null ? null : { count, digest };
    this.flush();
    pipe.consume(count);
    if (this.#origin !== null) this.#forgetIntent();
    return count;
  }

  /** Opens the directory if that has not been possible yet, or it has gone, and writes what is held back. */
  flush(): void {
    try {
      if (this.#directory?.isInPlace === false && this.#mayMake) this.#leave();
      if (this.#directory === null && !this.#mayMake) throw new OddFile('another directory is in its place');
      this.#directory ??= new RotatedLog(this.#directives.directory, {
        size: this.#directives.size,
        keep: this.#directives.keep,
        mode: this.#directives.mode,
        erasing: this.#ports.erasing?.bind(this.#ports),
      });
      this.#wasOpen = true;
      this.#sayWhatIsLost(this.#directory);
      while (!this.#backlog.isEmpty) this.#writeBatch(this.#directory);
      this.#recovered();
    } catch (error) {
      this.#failed(error);
    }
  }

  get #mayMake(): boolean {
    return this.#ports.mayMake?.() ?? true;
  }

  /** The end of the input. False if lines could not be written: how many has been told. */
  close(): boolean {
    const rest = this.#splitter.end();
    if (rest !== null) this.#take(rest, this.#ports.now());
    this.flush();
    const { waiting } = this.#backlog;
    const isKept = waiting > 0 && this.#keep();
    const lost = (isKept ? 0 : waiting) + this.#backlog.lost;
    if (isKept) this.#ports.tell(`${lines(waiting)} wait for the next logger of ${this.#directives.directory}`);
    if (lost > 0) this.#ports.tell(`${lines(lost)} could not be written to ${this.#directives.directory}`);
    this.#directory?.close();
    this.#directory = null;
    return lost === 0 && !isKept;
  }

  #keep(): boolean {
    try {
      this.#ports.held?.keep(this.#backlog.batch(Number.POSITIVE_INFINITY));
      return this.#ports.held !== undefined;
    } catch (error) {
      this.#ports.tell(`nothing can be kept for the next logger: ${error}`);
      return false;
    }
  }

  #leave(): void {
    this.#ports.tell(`${this.#directives.directory} or its current was moved or removed: beginning another one`);
    this.#directory!.close();
    this.#directory = null;
    this.#origin = null;
  }

  #take(line: Uint8Array, now: number): void {
    if (this.#isSelected(line)) this.#backlog.add(this.#stamped(line, now));
  }

  /** At least one line. Answers of how many bytes. */
  #takeWhatFits(lines: Uint8Array, room: number): number {
    const now = this.#ports.now();
    for (let start = 0; start < lines.length; ) {
      const end = lines.indexOf(NEWLINE, start);
      const line = lines.subarray(start, end);
      if (this.#isSelected(line)) {
        const bytes = this.#stamped(line, now);
        if (!this.#backlog.isEmpty && this.#backlog.bytes + bytes.length > room) return start;
        this.#backlog.add(bytes);
      }
      start = end + 1;
    }
    return lines.length;
  }

  #forgetIntent(): void {
    this.#origin = null;
    try {
      this.#directory?.forgetIntent();
    } catch (error) {
      this.#failed(error);
    }
  }

  #stamped(line: Uint8Array, now: number): Uint8Array {
    const stamp = this.#stamp(now);
    const bytes = new Uint8Array(stamp.length + line.length + 1);
    bytes.set(stamp);
    bytes.set(line, stamp.length);
    bytes[bytes.length - 1] = NEWLINE;
    return bytes;
  }

  #writeBatch(directory: RotatedLog): void {
    const bytes = this.#backlog.batch(directory.room);
    if (bytes.length > directory.room && !directory.isEmpty) {
      directory.rotate();
      return;
    }
    if (this.#origin !== null) directory.intend(this.#origin, bytes.length);
    this.#backlog.written(directory.append(bytes, this.#ports.now()));
  }

  /** Where lines are missing, the log says so: the dropped ones were older than all that is held back. */
  #sayWhatIsLost(directory: RotatedLog): void {
    if (this.#backlog.lost === 0) return;
    const stamp = new TextDecoder().decode(this.#stamp(this.#ports.now()));
    const note = UTF8.encode(`${stamp}rc-logger: ${lines(this.#backlog.lost)} lost here\n`);
    directory.append(note, this.#ports.now());
    this.#ports.tell(`${lines(this.#backlog.takeLost())} lost on the way to ${this.#directives.directory}`);
  }

  #failed(error: unknown): void {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const trouble = error instanceof OtherLogger || error instanceof OddFile ? message : code;
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#isRecorded = true;
    this.#ports.held?.noteTrouble(`cannot write to ${this.#directives.directory}: ${trouble}`);
    this.#ports.tell(`cannot write to ${this.#directives.directory}: ${trouble}; holding lines back, trying again`);
  }

  #recovered(): void {
    if (this.#isRecorded) this.#ports.held?.forget();
    this.#isRecorded = false;
    if (this.#trouble === null) return;
    this.#trouble = null;
    this.#ports.tell(`writing to ${this.#directives.directory} again`);
  }
}

function lines(count: number): string {
  return count === 1 ? '1 line' : `${count} lines`;
}
