/** What systemd knows only when it starts a program: variables of its environment, and of files that are read then. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failure, type Result, success } from '@muster/core/result';
import type { LateCommand, LateContext, ReadyCommand } from '../exec/rules.ts';

export function systemdWords(command: LateCommand, { environment }: LateContext): Result<ReadyCommand, string> {
  const added = new Map<string, string>();
  for (const text of command.environment) {
    const read = variablesIn(text);
    if (!read.ok) return read;
    for (const [name, value] of read.value) added.set(name, value);
  }
  const all = new Map([...environment, ...added]);
  const [program, ...words] = command.words.flatMap((word) => expandVariables(word, all));
  if (program === undefined) return failure('nothing is left of the command');
  return success({ argv: [program, ...words], environment: added, directory: command.directory });
}

/** `$NAME` as a word becomes as many words as it has; `${NAME}` is replaced where it stands; `$$` is a dollar sign. */
export function expandVariables(word: string, environment: ReadonlyMap<string, string>): readonly string[] {
  const [, whole] = /^\$([A-Za-z_]\w*)$/.exec(word) ?? [];
  if (whole !== undefined) return (environment.get(whole) ?? '').split(/\s+/).filter(Boolean);
  return [
    word.replace(/\$(?:\$|\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g, (_, braced?: string, bare?: string) => {
      const name = braced ?? bare;
      return name === undefined ? '$' : (environment.get(name) ?? '');
    }),
  ];
}

/** `-PATH`: it need not be there. A pattern stands for all that match. */
function variablesIn(text: string): Result<readonly (readonly [string, string])[], string> {
  const isOptional = text.startsWith('-');
  const pattern = isOptional ? text.slice(1) : text;
  const paths = /[*?[]/.test(pattern) ? matching(pattern) : [pattern];
  if (paths.length === 0 && !isOptional) return failure(`nothing matches ${pattern}`);
  const variables: (readonly [string, string])[] = [];
  for (const path of paths) {
    try {
      variables.push(...environmentLines(readFileSync(path, 'utf8')));
    } catch (error) {
      if (!isOptional) return failure(`${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
    }
  }
  return success(variables);
}

function matching(pattern: string): string[] {
  const last = pattern.slice(pattern.lastIndexOf('/') + 1);
  const form = new RegExp(
    `^${last
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  try {
    return readdirSync(dirname(pattern))
      .filter((name) => form.test(name))
      .sort()
      .map((name) => join(dirname(pattern), name));
  } catch {
    return [];
  }
}

/** Lines `NAME=VALUE`; quotes go, and a backslash with them, outside of single quotes. */
export function environmentLines(text: string): readonly (readonly [name: string, value: string])[] {
  return text
    .replaceAll(/\\\r?\n/g, '')
    .split(/\r?\n/)
    .flatMap((line): (readonly [string, string])[] => {
      if (/^\s*([#;]|$)/.test(line)) return [];
      const [, name, value = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, unquoted(value)]];
    });
}

function unquoted(value: string): string {
  return value.replace(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
    (_, single?: string, double?: string, escaped?: string) => {
      if (single !== undefined) return single;
      if (double !== undefined) return double.replace(/\\(["\\$`])/g, '$1');
      return escaped ?? '';
    },
  );
}
