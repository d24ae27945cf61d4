/** What people write into `command` for a shell, and what it would be as a need. */
import type { ImportedProgram } from '../model/service.ts';
import type { Sourced } from '../model/value.ts';
import type { SectionReader } from './section-reader.ts';

const SHELL = /^(\/usr)?(\/bin\/)?(ba|da|a)?sh$/;
const PLAIN =
  /^(?:exec\s+)?((?!(?:cd|exec|exit|eval|export|set|unset|source|trap|ulimit|umask|wait|while|until|if|for|case|test|alias|read|type|command)\b)[A-Za-z0-9_./][A-Za-z0-9_./:@%+,-]*(?:[ \t]+[A-Za-z0-9_./:=@%+,-]+)*)\s*$/;

/** `sh -c "one simple command"`, without the shell. Null if it is anything else. */
export function withoutShell(words: readonly string[]): readonly string[] | null {
  const [shell = '', option, line = '', ...more] = words;
  if (!SHELL.test(shell) || option !== '-c' || more.length > 0) return null;
  const [, command] = PLAIN.exec(line.trim()) ?? [];
  return command === undefined || /^\.+$/.test(command.split(/\s/)[0] ?? '') ? null : command.split(/[ \t]+/);
}

/** Says which need is meant by waiting, and what ends with its standard input. */
export function adviseOn({ value, from }: Sourced<ImportedProgram>, reader: SectionReader): void {
  if (value.kind !== 'words') return;
  const [first = '', second] = value.words;
  const line = value.words.join(' ');
  const [, host, port] = /\b(?:nc|ncat|netcat)\s+(?:-\S+\s+)*(\S+)\s+(\d+)/.exec(line) ?? [];
  if (/\b(until|while)\b/.test(line) && port !== undefined)
    reader.note(
      from,
      `waits for ${host}:${port}`,
      `a ready-check of the service that listens there, and a need on it, say the same`,
    );
  else if (/(^|[\s;&'"])sleep\s+\d+\s*(&&|;)/.test(line))
    reader.note(
      from,
      'waits for some time before it starts',
      'a need on what it waits for starts it as soon as that is ready',
    );
  const readsInput =
    (first.endsWith('cat') && (second === undefined || second === '-')) ||
    (SHELL.test(first) && (second === undefined || second === '-i'));
  if (readsInput)
    reader.tell(from, 'ends when its standard input does, which supervisord holds open and Muster does not');
}
