/**
 * A `Definition` as bytes: the database's form of it, and what its content hash is taken of. The same definition always
 * gives the same bytes. docs/database-format.md describes them; integers are 32 bits, least significant byte first.
 */
import type {
  Command,
  Definition,
  FileEntry,
  LogDirectives,
  Longrun,
  Oneshot,
  ProcessAttributes,
} from './definition.ts';

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const POLICIES = ['always', 'on-failure', 'never'] as const;
const TIMESTAMPS = ['iso', 'tai64n', 'none'] as const;
const SELECTIONS = ['include', 'exclude'] as const;
const LONGRUN_FORM = 0;
const ONESHOT_FORM = 1;
const DIRECTORY_FORM = 0;
const FILE_FORM = 1;
const LINK_FORM = 2;
const ARGV_FORM = 0;
const SCRIPT_FORM = 1;

/** The bytes of `definition`: a view that is valid until the next call. */
export function encodeDefinition(definition: Definition): Uint8Array {
  writer.reset();
  switch (definition.type) {
    case 'longrun':
      writer.byte(LONGRUN_FORM);
      writeLongrun(definition);
      break;
    case 'oneshot':
      writer.byte(ONESHOT_FORM);
      writeOneshot(definition);
      break;
  }
  return writer.written();
}

/** @throws RangeError, TypeError if `bytes` are not what `encodeDefinition` makes. */
export function decodeDefinition(bytes: Uint8Array): Definition {
  const reader = new Reader(bytes);
  const definition = reader.choose('type', 2) === LONGRUN_FORM ? readLongrun(reader) : readOneshot(reader);
  reader.end();
  return definition;
}

function writeLongrun(longrun: Longrun): void {
  writer.list(longrun.files, writeFile);
  writer.optional(longrun.notificationFd, writer.number);
  writer.optional(longrun.lockFd, writer.number);
  writer.optional(longrun.timeoutKill, writer.number);
  writer.optional(longrun.timeoutFinish, writer.number);
  writer.flag(longrun.killProcessGroup);
  writer.optional(longrun.maxDeathTally, writer.number);
  writer.optional(longrun.downSignal, writer.text);
  writer.optional(longrun.reloadSignal, writer.text);
  writer.flag(longrun.newPidNamespace);
  writer.flag(longrun.loadEnvironment);
  writer.optional(longrun.readyCheck, ({ interval }) => writer.number(interval));
  writer.optional(longrun.readyAfter, writer.number);
  writer.byte(POLICIES.indexOf(longrun.restart.policy));
  writer.number(longrun.restart.delayMin);
  writer.number(longrun.restart.delayMax);
  writer.optional(longrun.restart.limit, ({ count, window }) => {
    writer.number(count);
    writer.number(window);
  });
  writeProcess(longrun.process);
  writer.optional(longrun.logger, writeLogger);
  writer.optional(longrun.instance, writer.text);
}

function readLongrun(reader: Reader): Longrun {
  return {
    type: 'longrun',
    files: reader.list(readFile),
    notificationFd: reader.optional(reader.number),
    lockFd: reader.optional(reader.number),
    timeoutKill: reader.optional(reader.number),
    timeoutFinish: reader.optional(reader.number),
    killProcessGroup: reader.flag(),
    maxDeathTally: reader.optional(reader.number),
    downSignal: reader.optional(reader.text),
    reloadSignal: reader.optional(reader.text),
    newPidNamespace: reader.flag(),
    loadEnvironment: reader.flag(),
    readyCheck: reader.optional(() => ({ interval: reader.number() })),
    readyAfter: reader.optional(reader.number),
    restart: {
      policy: POLICIES[reader.choose('restart policy', POLICIES.length)]!,
      delayMin: reader.number(),
      delayMax: reader.number(),
      limit: reader.optional(() => ({ count: reader.number(), window: reader.number() })),
    },
    process: readProcess(reader),
    logger: reader.optional(() => readLogger(reader)),
    instance: reader.optional(reader.text),
  };
}

function writeFile(file: FileEntry): void {
  writer.text(file.path);
  writer.number(file.mode);
  if (file.link !== undefined) {
    writer.byte(LINK_FORM);
    writer.text(file.link);
  } else if (file.content === null) {
    writer.byte(DIRECTORY_FORM);
  } else {
    writer.byte(FILE_FORM);
    writer.bytes(file.content);
  }
}

function readFile(reader: Reader): FileEntry {
  const path = reader.text();
  const mode = reader.number();
  switch (reader.choose('file', 3)) {
    case LINK_FORM:
      return { path, mode, content: null, link: reader.text() };
    case FILE_FORM:
      return { path, mode, content: reader.bytes() };
    default:
      return { path, mode, content: null };
  }
}

function writeProcess(process: ProcessAttributes): void {
  writer.optional(process.user, writer.text);
  writer.optional(process.supplementaryGroups, (groups) => writer.list(groups, writer.text));
  writer.optional(process.workingDirectory, writer.text);
  writer.optional(process.umask, writer.number);
  // Shifted, so that it is not negative.
  writer.optional(process.nice, (nice) => writer.number(nice + 20));
  writer.optional(process.limits, (limits) =>
    writer.list(limits, ([resource, value]) => {
      writer.text(resource);
      writer.text(value);
    }),
  );
}

function readProcess(reader: Reader): ProcessAttributes {
  const user = reader.optional(reader.text);
  const supplementaryGroups = reader.optional(() => reader.list(reader.text));
  const workingDirectory = reader.optional(reader.text);
  const umask = reader.optional(reader.number);
  const nice = reader.optional(reader.number);
  const limits = reader.optional(() => reader.list(() => [reader.text(), reader.text()] as const));
  return {
    ...(user === null ? {} : { user }),
    ...(supplementaryGroups === null ? {} : { supplementaryGroups }),
    ...(workingDirectory === null ? {} : { workingDirectory }),
    ...(umask === null ? {} : { umask }),
    ...(nice === null ? {} : { nice: nice - 20 }),
    ...(limits === null ? {} : { limits }),
  };
}

function writeLogger(logger: LogDirectives): void {
  writer.text(logger.directory);
  writer.number(logger.size);
  writer.number(logger.keep);
  writer.byte(TIMESTAMPS.indexOf(logger.timestamp));
  writer.text(logger.prefix);
  writer.list(logger.select, ({ action, pattern }) => {
    writer.byte(SELECTIONS.indexOf(action));
    writer.text(pattern);
  });
}

function readLogger(reader: Reader): LogDirectives {
  return {
    directory: reader.text(),
    size: reader.number(),
    keep: reader.number(),
    timestamp: TIMESTAMPS[reader.choose('timestamp', TIMESTAMPS.length)]!,
    prefix: reader.text(),
    select: reader.list(() => ({
      action: SELECTIONS[reader.choose('selection', SELECTIONS.length)]!,
      pattern: reader.text(),
    })),
  };
}

function writeOneshot(oneshot: Oneshot): void {
  writeCommand(oneshot.up);
  writeCommand(oneshot.down);
  writer.optional(oneshot.reload, writeCommand);
  writer.optional(oneshot.instance, writer.text);
}

function readOneshot(reader: Reader): Oneshot {
  return {
    type: 'oneshot',
    up: readCommand(reader),
    down: readCommand(reader),
    reload: reader.optional(() => readCommand(reader)),
    instance: reader.optional(reader.text),
  };
}

function writeCommand(command: Command): void {
  switch (command.form) {
    case 'argv':
      writer.byte(ARGV_FORM);
      writer.list(command.argv, writer.bytes);
      break;
    case 'script':
      writer.byte(SCRIPT_FORM);
      writer.bytes(command.content);
      break;
  }
}

function readCommand(reader: Reader): Command {
  return reader.choose('command', 2) === ARGV_FORM
    ? { form: 'argv', argv: reader.list(reader.bytes) }
    : { form: 'script', content: reader.bytes() };
}

class Writer {
  #buffer = new Uint8Array(4096);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  reset(): void {
    this.#length = 0;
  }

  written(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  readonly byte = (value: number): void => {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  };

  readonly flag = (value: boolean): void => this.byte(value ? 1 : 0);

  readonly number = (value: number): void => {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  };

  readonly bytes = (value: Uint8Array): void => {
    this.number(value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  };

  readonly text = (value: string): void => {
    this.#reserve(4 + value.length * 3);
    if (this.#ascii(value)) return;
    const { written } = ENCODER.encodeInto(value, this.#buffer.subarray(this.#length + 4));
    this.number(written);
    this.#length += written;
  };

  /** Short texts are nearly always ASCII, and most of what there is to encode. */
  #ascii(value: string): boolean {
    if (value.length > 64) return false;
    const start = this.#length + 4;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return false;
      this.#buffer[start + i] = unit;
    }
    this.number(value.length);
    this.#length += value.length;
    return true;
  }

  optional<T>(value: T | null | undefined, write: (value: T) => void): void {
    const given = value !== null && value !== undefined;
    this.flag(given);
    if (given) write(value);
  }

  list<T>(values: readonly T[], write: (value: T) => void): void {
    this.number(values.length);
    for (const value of values) write(value);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + more));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}

const writer = new Writer();

class Reader {
  #at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError('the definition has bytes after its end');
  }

  /** A byte below `count`. */
  choose(what: string, count: number): number {
    const value = this.#view.getUint8(this.#at++);
    if (value >= count) throw new RangeError(`${value} is no ${what}`);
    return value;
  }

  readonly flag = (): boolean => this.choose('flag', 2) === 1;

  readonly number = (): number => {
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  };

  readonly bytes = (): Uint8Array => {
    const length = this.number();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('the definition ends too early');
    const value = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return value;
  };

  readonly text = (): string => DECODER.decode(this.bytes());

  optional<T>(read: () => T): T | null {
    return this.flag() ? read() : null;
  }

  list<T>(read: (reader: Reader) => T): T[] {
    const count = this.number();
    const values: T[] = [];
    for (let i = 0; i < count; i++) values.push(read(this));
    return values;
  }
}
