/** rc-logger: from standard input to a directory of rotated logs. */
import { fstatSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  byteSize,
  isPattern,
  LOG_MODE,
  type LogDirectives,
  logMode,
  SMALLEST_LOG,
  TIMESTAMPS,
} from '@muster/core/model/log-directives';
import { failure, type Result, success } from '@muster/core/result';
import { runWithoutThreads } from '@muster/posix/engine';
import { Reactor } from '@muster/posix/reactor';
import { giveDirectory, type LogOwner } from '@muster/tree/logger/give-directory';
import { HeldLines } from '@muster/tree/logger/held-lines';
import { Input } from '@muster/tree/logger/input';
import { linkCurrent } from '@muster/tree/logger/link-current';
import { LogWriter } from '@muster/tree/logger/log-writer';
import { PipeInput } from '@muster/tree/logger/pipe-input';
import type { Call, Command } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { tell } from '../output.ts';

const STANDARD_INPUT = 0;
/** Milliseconds between looks whether the directory is in its place, and what could not be written can be. */
const RETRY = 1000;

export const command: Command = {
  summary: 'Writes the lines of standard input into a directory of rotated logs, and loses none when told to end',
  operands: 'DIRECTORY',
  options: {
    size: { short: 's', value: 'BYTES', help: 'a file is rotated before it grows beyond this (default 1M)' },
    keep: { short: 'n', value: 'COUNT', help: 'rotated files that are kept (default 10)' },
    timestamp: {
      short: 't',
      value: 'FORM',
      choices: ['iso', 'tai64n', 'none'],
      help: 'in front of each line: iso (default), tai64n or none',
    },
    prefix: { short: 'p', value: 'TEXT', help: 'in front of each line, after the time' },
    include: {
      value: 'REGEX',
      help: 'keep lines that match; of several --include and --exclude the last that matches decides',
    },
    exclude: { value: 'REGEX', help: 'leave out lines that match' },
    mode: {
      value: 'MODE',
      help: 'of the files: 0600, 0640 (default), 0604 or 0644; a new directory is for the same people',
    },
    link: { value: 'PATH', help: 'only make PATH a link to the file in DIRECTORY that is written' },
    'make-for': { value: 'UID:GID', help: 'only make DIRECTORY, or give it, for a logger that runs as this user' },
    'trouble-fd': { value: 'FD', help: 'a file that is told why lines cannot be written, and emptied when they are' },
    'held-fd': { value: 'FD', help: 'a file in which lines that could not be written wait for the next logger' },
  },
  examples: [
    ['rc-logger -s 10M -n 5 /var/log/web', 'at most six files of 10 MB'],
    ['rc-logger --exclude ^debug /var/log/web', 'all but debug messages'],
  ],
  async run(call) {
    runWithoutThreads();
    const directives = readDirectives(call);
    if (!directives.ok) return wrongUsage('rc-logger', directives.problem);
    const owner = readOwner(call);
    if (!owner.ok) return wrongUsage('rc-logger', owner.problem);
    const link = call.value('link');
    if (link !== undefined) return makeLink(resolve(link), resolve(directives.value.directory));
    if (owner.value !== null) return make(directives.value.directory, owner.value);
    const held = readHeld(call);
    return held.ok ? await log(directives.value, held.value) : wrongUsage('rc-logger', held.problem);
  },
};

function readDirectives(call: Call): Result<LogDirectives, string> {
  const [directory, ...more] = call.operands;
  if (directory === undefined || more.length > 0) return failure('one directory is needed');
  const size = byteSize(call.value('size') ?? '1M');
  if (size === null || size < SMALLEST_LOG)
    return failure(`size must be a number of bytes from ${SMALLEST_LOG}, like 65536, 64K or 1M`);
  const keep = call.value('keep') ?? '10';
  if (!/^\d{1,6}$/.test(keep)) return failure('keep must be a number of files');
  const timestamp = TIMESTAMPS.find((form) => form === (call.value('timestamp') ?? 'iso'));
  if (timestamp === undefined) return failure(`timestamp must be one of ${TIMESTAMPS.join(', ')}`);
  const mode = logMode(call.value('mode') ?? LOG_MODE.toString(8));
  if (mode === null) return failure('mode must be 0600, 0640, 0604 or 0644');
  const select: LogDirectives['select'][number][] = [];
  for (const { option, value } of call.inOrder(['include', 'exclude'])) {
    if (!isPattern(value)) return failure(`${value} is not a regular expression`);
    select.push({ action: option === 'include' ? 'include' : 'exclude', pattern: value });
  }
  const prefix = call.value('prefix') ?? '';
  return success({ directory, size, keep: Number(keep), timestamp, prefix, mode, link: null, select });
}

/** Null if none is named. */
function readOwner(call: Call): Result<LogOwner | null, string> {
  const value = call.value('make-for');
  if (value === undefined) return success(null);
  const [, uid, gid] = /^(\d{1,10}):(\d{1,10})$/.exec(value) ?? [];
  return uid === undefined ? failure(`'${value}' is not UID:GID`) : success({ uid: Number(uid), gid: Number(gid) });
}

function readHeld(call: Call): Result<HeldLines | null, string> {
  const [trouble, held] = (['trouble-fd', 'held-fd'] as const).map((option) => call.value(option));
  if (trouble === undefined && held === undefined) return success(null);
  for (const descriptor of [trouble, held]) {
    if (descriptor === undefined) return failure('trouble-fd and held-fd go together');
    if (!/^\d{1,6}$/.test(descriptor) || !isFile(Number(descriptor)))
      return failure(`'${descriptor}' is no descriptor of a file`);
  }
  return success(new HeldLines(Number(trouble), Number(held)));
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false;
  }
}

function makeLink(path: string, directory: string): number {
  try {
    linkCurrent(path, directory);
    return EXIT.success;
  } catch (error) {
    tell(`rc-logger: ${path} cannot be made a link: ${(error as Error).message}\n`);
    return EXIT.failed;
  }
}

function make(directory: string, owner: LogOwner): number {
  try {
    giveDirectory(resolve(directory), owner);
    return EXIT.success;
  } catch (error) {
    tell(`rc-logger: ${directory} cannot be made for user ${owner.uid}: ${(error as Error).message}\n`);
    return EXIT.failed;
  }
}

async function log(directives: LogDirectives, held: HeldLines | null): Promise<number> {
  const tellPeople = (message: string) => tell(`rc-logger: ${message}\n`);
  const writer = new LogWriter(directives, { now: Date.now, tell: tellPeople, ...(held === null ? {} : { held }) });
  const reactor = new Reactor();
  const input = fstatSync(STANDARD_INPUT).isFIFO()
    ? new PipeInput(STANDARD_INPUT, reactor, writer, tellPeople)
    : new Input(STANDARD_INPUT, reactor, (chunk) => writer.write(chunk));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => input.endSoon());
  const retry = () => {
    writer.flush();
    if (writer.isStranded) input.endSoon();
    reactor.after(RETRY, retry);
  };
  retry();
  await input.read();
  return writer.close() ? EXIT.success : EXIT.failed;
}
