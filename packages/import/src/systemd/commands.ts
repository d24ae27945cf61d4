/** `ExecStart=` and its relatives, as scripts. */
import type { Directive } from '../account/directive.ts';
import type { ImportedProgram, SettingsFrom } from '../model/service.ts';
import { type Sourced, sourced } from '../model/value.ts';
import { withForeground } from '../supervisord/foreground.ts';
import { shWord } from '../words/sh.ts';
import { type ExecLine, execLines, shLine } from './exec-line.ts';
import type { UnitReader } from './reader.ts';

const SERVICE = 'Service';

export interface SourcedLine {
  readonly line: ExecLine;
  readonly from: readonly Directive[];
}

export function linesOf(reader: UnitReader, key: string): readonly SourcedLine[] {
  return reader.unit.all(SERVICE, key).flatMap((directive) => {
    const lines = execLines(directive.value, reader.specifiers);
    if (lines.ok) return lines.value.map((line) => ({ line, from: [directive] }));
    reader.tell([directive], lines.problem);
    return [];
  });
}

export interface LateOptions {
  /** Files of variables that are read at start. */
  readonly files: readonly Sourced<string>[];
  readonly root: string;
  /** It says itself that it goes into the background. */
  readonly isForking: boolean;
}

/** Null if there is nothing to run, which is told. */
export function longrunProgram(reader: UnitReader, options: LateOptions): Sourced<ImportedProgram> | null {
  const [start, ...more] = linesOf(reader, 'ExecStart');
  for (const { from } of more) reader.tell(from, 'a longrun has one command');
  if (start === undefined) return null;
  const { line, from } = start;
  const changes: string[] = [];
  if (line.mayFail) changes.push('fails where it fails');
  if (line.isPrivileged) reader.tell(from, 'runs as its user, not as root');
  const quiet = line.words.map((word) => word.replace(/\bdaemon on;/, 'daemon off;'));
  if (quiet.join() !== line.words.join()) changes.push('stays in the foreground');
  const { words, option } = withForeground(quiet, options.root);
  if (option !== null) changes.push(`gets ${option}, which keeps it in the foreground`);
  if (options.isForking && changes.length === 0)
    reader.tell(
      from,
      'goes into the background, where nobody looks after it',
      'give it the option that keeps it in the foreground',
    );
  const before = preparations(reader);
  const isLate = line.isLate || options.files.length > 0 || line.calledAs !== null;
  const command = isLate
    ? [
        'rc-exec',
        '--open-files="$(ulimit -n)"',
        ...options.files.map(({ value }) => shWord(`--environment=${value}`)),
        ...(line.calledAs === null ? [] : [shWord(`--called-as=${line.calledAs}`)]),
        'systemd',
        '--',
        ...escaped(words, line.isLate).map(shWord),
      ]
    : words.map(shWord);
  const all = [...from, ...options.files.flatMap((file) => file.from), ...before.flatMap((each) => each.from)];
  const lines = before.map(({ line }) => `${shLine(line)} || ${line.mayFail ? ':' : 'exit 111'}`);
  const program: ImportedProgram =
    isLate || lines.length > 0
      ? { kind: 'script', text: ['#!/bin/sh', ...lines, `exec ${command.join(' ')}`, ''].join('\n') }
      : { kind: 'words', words };
  return changes.length === 0 ? sourced(program, all) : sourced(program, all, changes.join(', and '));
}

/** In words that were final a dollar sign is no variable. */
function escaped(words: readonly string[], isLate: boolean): readonly string[] {
  return isLate ? words : words.map((word) => word.replaceAll('$', '$$$$'));
}

/** They run at the beginning of `run`, as its user. */
function preparations(reader: UnitReader): readonly SourcedLine[] {
  return linesOf(reader, 'ExecStartPre').filter(({ line, from }) => {
    if (line.isPrivileged) {
      reader.tell(
        from,
        'runs as root before the service, which run cannot do',
        'make it a oneshot that the service needs',
      );
      return false;
    }
    reader.change(from, 'runs at the beginning of run');
    return true;
  });
}

export interface OneshotPrograms {
  readonly up: Sourced<ImportedProgram>;
  readonly down: Sourced<ImportedProgram> | null;
}

export function oneshotPrograms(reader: UnitReader, files: readonly Sourced<string>[]): OneshotPrograms {
  const before = [...linesOf(reader, 'ExecCondition'), ...linesOf(reader, 'ExecStartPre')];
  const up = [...before, ...linesOf(reader, 'ExecStart'), ...linesOf(reader, 'ExecStartPost')];
  const down = [...linesOf(reader, 'ExecStop'), ...linesOf(reader, 'ExecStopPost')];
  return { up: scriptOf(up, files), down: down.length === 0 ? null : scriptOf(down, files) };
}

function scriptOf(lines: readonly SourcedLine[], files: readonly Sourced<string>[]): Sourced<ImportedProgram> {
  const read = files.map(({ value }) => shWord(`--environment=${value}`));
  const texts = lines.map(({ line }) => {
    const { words } = line;
    const isLate = line.isLate || read.length > 0;
    const command = isLate
      ? ['rc-exec', ...read, 'systemd', '--', ...escaped(words, line.isLate).map(shWord)]
      : words.map(shWord);
    return `${command.join(' ')}${line.mayFail ? ' || :' : ' || exit'}`;
  });
  const from = [...lines.flatMap((each) => each.from), ...files.flatMap((file) => file.from)];
  return sourced({ kind: 'script', text: ['#!/bin/sh', ...texts, 'exit 0', ''].join('\n') }, from);
}

/** `kill -HUP $MAINPID` is a signal; a oneshot's own commands are a script. */
export function reloadOf(reader: UnitReader, kind: 'longrun' | 'oneshot'): SettingsFrom {
  const lines = linesOf(reader, 'ExecReload');
  const [first, ...more] = lines;
  if (first === undefined) return {};
  const from = lines.flatMap((line) => line.from);
  const [, signal] =
    /^\S*kill (?:-s |--signal[ =]|-)(?:SIG)?([A-Z0-9]+) \$\{?MAINPID\}?$/.exec(first.line.words.join(' ')) ?? [];
  if (kind === 'longrun' && signal !== undefined && more.length === 0) return { reloadSignal: sourced(signal, from) };
  const text = ['#!/bin/sh', ...lines.map(({ line }) => `${shLine(line)} || ${line.mayFail ? ':' : 'exit'}`), ''].join(
    '\n',
  );
  return { reload: sourced(text, from) };
}
