/**
 * A `Definition` as bytes: the database's form of it, and what its content hash is taken of. The same definition always
 * gives the same bytes. docs/database-format.md describes them; integers are 32 bits, least significant byte first.
 */
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Command, Definition, FileEntry, Longrun, Oneshot, ProcessAttributes } from './definition.ts';
import { type LogDirectives, TIMESTAMPS } from './log-directives.ts';
import { RESTART_POLICIES } from './restart-policy.ts';

const writer = new ByteWriter();

const SELECTIONS = ['include', 'exclude'] as const;
const LONGRUN_FORM = 0;
const ONESHOT_FORM = 1;
const DIRECTORY_FORM = 0;
const FILE_FORM = 1;
const LINK_FORM = 2;
/** A link has no mode of its own: the kernel shows this one. */
const LINK_MODE = 0o777;
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

/** Throws RangeError or TypeError if `bytes` are not what `encodeDefinition` makes. */
export function decodeDefinition(bytes: Uint8Array): Definition {
  const reader = new ByteReader(bytes);
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
  writer.byte(RESTART_POLICIES.indexOf(longrun.restart.policy));
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

function readLongrun(reader: ByteReader): Longrun {
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
      policy: RESTART_POLICIES[reader.choose('restart policy', RESTART_POLICIES.length)]!,
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
  writer.number(file.kind === 'link' ? LINK_MODE : file.mode);
  switch (file.kind) {
    case 'directory':
      writer.byte(DIRECTORY_FORM);
      break;
    case 'file':
      writer.byte(FILE_FORM);
      writer.bytes(file.content);
      break;
    case 'link':
      writer.byte(LINK_FORM);
      writer.text(file.target);
      break;
  }
}

function readFile(reader: ByteReader): FileEntry {
  const path = reader.text();
  const mode = reader.number();
  switch (reader.choose('file', 3)) {
    case LINK_FORM:
      if (mode !== LINK_MODE) throw new TypeError(`the link ${path} has the mode ${mode.toString(8)}`);
      return { kind: 'link', path, target: reader.text() };
    case FILE_FORM:
      return { kind: 'file', path, mode, content: reader.bytes() };
    default:
      return { kind: 'directory', path, mode };
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

function readProcess(reader: ByteReader): ProcessAttributes {
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

function readLogger(reader: ByteReader): LogDirectives {
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

function readOneshot(reader: ByteReader): Oneshot {
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

function readCommand(reader: ByteReader): Command {
  return reader.choose('command', 2) === ARGV_FORM
    ? { form: 'argv', argv: reader.list(reader.bytes) }
    : { form: 'script', content: reader.bytes() };
}
