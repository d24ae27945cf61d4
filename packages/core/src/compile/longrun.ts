/** What a longrun is made of: its files, and what a supervisor must know. */
import type { FileEntry, Longrun } from '../model/definition.ts';
import { type LongrunSettings, perLongrunSetting } from '../model/longrun-settings.ts';
import { OPEN_DIRECTORY, scriptMode } from '../model/modes.ts';
import { ALWAYS, GREATEST_FACTOR } from '../model/restart-policy.ts';
import { copyTree } from './copied-tree.ts';
import type { DefinitionFiles } from './files.ts';
import { showName } from './names.ts';
import { readDuration, readNumber } from './numbers.ts';
import { readProcessAttributes } from './process-attributes.ts';
import { readRestartPolicy } from './restart-policy.ts';
import { readSequel } from './sequels.ts';
import { readSignal } from './signals.ts';

const READY_CHECK_INTERVAL = 250;

/** Null if it cannot be used; all that is wrong with it is reported. */
export function readLongrun(files: DefinitionFiles, instance: string | null): Longrun | null {
  const run = readRun(files);
  const copied = files.isAbout('files') ? readFiles(files) : NO_FILES;
  const execution =
    files.isAbout('execution') || files.has('ready-check') ? readExecution(files, instance) : NO_EXECUTION;
  if (run === null) return null;
  const all = copied.length === 0 ? [run] : sorted([run, ...copied]);
  return { ...PLAIN_LONGRUN, files: all, ...execution, instance };
}

const NO_FILES: readonly FileEntry[] = [];
const NO_EXECUTION = {};

/** What a supervisor must know. */
function readExecution(
  files: DefinitionFiles,
  instance: string | null,
): Omit<Longrun, 'type' | 'files' | 'logger' | 'instance'> {
  return {
    ...readSettings(files, instance),
    readyCheck: files.has('ready-check')
      ? { interval: readNumber(files, 'ready-check-interval') ?? READY_CHECK_INTERVAL }
      : null,
    restart: readRestartPolicy(files),
    process: readProcessAttributes(files),
  };
}

/** A longrun that asks for nothing. */
export const PLAIN_LONGRUN: Longrun = {
  type: 'longrun',
  files: [],
  ...perLongrunSetting({
    number: () => null,
    duration: () => null,
    descriptor: () => null,
    signal: () => null,
    flag: () => false,
    sequel: () => null,
  }),
  readyCheck: null,
  restart: ALWAYS,
  process: {},
  logger: null,
  instance: null,
};

function readRun(files: DefinitionFiles): FileEntry | null {
  const entry = files.source.entries.get('run');
  if (entry === undefined) {
    files.report.add('missing-run', `the longrun ${showName(files.name)} has no run`, {
      at: files.place('run'),
      hint: 'write a script that ends in exec of the daemon, in the foreground',
    });
    return null;
  }
  if (entry.kind === 'file') return { kind: 'file', path: 'run', mode: scriptMode(entry.mode), content: entry.bytes };
  files.refuse('run', entry, 'a regular file', 'run-not-regular');
  return null;
}

function readFiles(files: DefinitionFiles): FileEntry[] {
  const copied: FileEntry[] = [];
  for (const script of ['finish', 'ready-check']) {
    const found = files.file(script);
    if (found !== null) copied.push({ kind: 'file', path: script, mode: scriptMode(found.mode), content: found.bytes });
  }
  for (const tree of ['data', 'env', 'template']) {
    if (!files.has(tree)) continue;
    const directory = files.directory(tree, 'not-a-directory');
    if (directory !== null) copyTree(files, tree, directory, copied);
  }
  if (files.has('template')) {
    copied.push({ kind: 'directory', path: 'instance', mode: OPEN_DIRECTORY });
    copied.push({ kind: 'directory', path: 'instances', mode: OPEN_DIRECTORY });
  }
  return copied;
}

function readSettings(files: DefinitionFiles, instance: string | null): LongrunSettings {
  const settings = perLongrunSetting({
    number: (file) => readNumber(files, file),
    duration: (file) => readDuration(files, file),
    descriptor: (file) => readDescriptor(files, file),
    signal: (file) => readSignal(files, file),
    flag: (file) => files.has(file),
    sequel: (file) => readSequel(files, file, instance),
  });
  const { notificationFd, lockFd, restartDelayFactor } = settings;
  if (!isFactor(restartDelayFactor))
    files.report.add('bad-number', `restart-delay-factor must be from 1 to ${GREATEST_FACTOR}`, {
      at: files.place('restart-delay-factor', 1),
      hint: 'write 2 to double the delay after each death, or 1 to leave it as it is',
    });
  if (notificationFd !== null && notificationFd === lockFd && lockFd >= 3) {
    files.report.add('descriptor-clash', `notification-fd and lock-fd are both ${lockFd}`, {
      at: files.place('lock-fd', 1),
      notes: [{ message: 'the same descriptor is here', at: files.place('notification-fd', 1) }],
      hint: 'give them different numbers',
    });
  }
  return settings;
}

/** Whether it is what `restart-delay-factor` may be. */
export function isFactor(factor: number | null): boolean {
  return factor === null || (factor >= 1 && factor <= GREATEST_FACTOR);
}

function readDescriptor(files: DefinitionFiles, file: string): number | null {
  const descriptor = readNumber(files, file);
  if (descriptor !== null && descriptor < 3) {
    files.report.add('low-descriptor', `${file} is ${descriptor}, which is a standard stream`, {
      at: files.place(file, 1),
      hint: 'use 3 or more',
    });
  }
  return descriptor;
}

function sorted(files: FileEntry[]): FileEntry[] {
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
