/**
 * `NAME.service.toml`: a definition that is one file. It becomes the same entries that the directory form has, so that
 * the compiler sees no difference, and both give the same bytes.
 *
 *     type = "longrun"                  # a file of that name that holds this line
 *     notification-fd = 3               # a number is a file that holds it
 *     flag-essential = true             # a flag is there, or is not
 *     dependencies = ["a", "b"]         # the entries of dependencies.d; likewise wants, after, before, conflicts, contents
 *     consumer-for = ["a", "b"]         # one a line; likewise renamed-from, supplementary-groups
 *     run = '''…'''                     # a script
 *     limits = { nofile = "1024" }      # one a line
 *     [data]                            # a tree of files; likewise env, template
 *     "conf/main" = "text"
 */

import { KNOWN_FILES } from '@muster/core/compile/known-files';
import type { SourceDefinition, SourceEntry, SourceProblem } from '@muster/core/compile/source';
import { OPEN_DIRECTORY } from '@muster/core/model/modes';
import { failure, type Result, success } from '@muster/core/result';
import { parse, TomlDate, TomlError, type TomlTable, type TomlValue } from 'smol-toml';

export const TOML_SUFFIX = '.service.toml';

/** Keys whose entries are those of a directory. */
const DIRECTORIES: ReadonlyMap<string, string> = new Map(
  ['dependencies', 'contents', 'wants', 'after', 'before', 'conflicts'].map((key) => [key, `${key}.d`]),
);

/** Keys of several lines: lists of texts. */
const LISTS: ReadonlySet<string> = new Set([
  'consumer-for',
  'producer-for',
  'renamed-from',
  'supplementary-groups',
  'limits',
]);

export function parseDefinition(name: string, path: string, text: string): Result<SourceDefinition, SourceProblem> {
  let table: TomlTable;
  try {
    table = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const message = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
    const { line, column } = error;
    return failure({ kind: 'bad-toml', name, path, message, line, column, hint: hintFor(message) });
  }
  const entries = new Map<string, SourceEntry>();
  for (const [key, value] of Object.entries(table)) {
    const made = entryOf(key, value);
    if (made !== null) entries.set(DIRECTORIES.get(key) ?? key, made);
  }
  const lines = keyLines(text);
  return success({ name, path, entries, lineOf: (entry) => lines.get(keyOf(entry)) ?? lines.get(entry) });
}

function hintFor(message: string): string {
  return message.includes('redefine')
    ? 'a key stands once: remove one of the two'
    : "texts stand in quotes, scripts between three of them: ''' … '''";
}

/** Null if there is no such file. */
function entryOf(key: string, value: TomlValue): SourceEntry | null {
  if (DIRECTORIES.has(key)) return namesOf(key, value);
  const reading = KNOWN_FILES.get(key)?.reading;
  switch (reading) {
    case undefined:
      return { kind: 'present' };
    case 'names':
    case 'weighted-names':
      return invalid(`here ${key} is called ${key.slice(0, -2)}`, `write ${key.slice(0, -2)} = ["a", "b"]`);
    case 'flag':
      if (typeof value !== 'boolean') return invalid(`${key} must be true or false`, `write ${key} = true`);
      return value ? file('') : null;
    case 'tree':
      return isTable(value)
        ? treeOf(key, value)
        : invalid(`${key} must be a table of files`, `write [${key}], and below it lines like: "path" = "text"`);
    case 'script':
      if (typeof value === 'string') return file(value, value.startsWith('#!') ? 0o755 : 0o644);
      return invalid(`${key} must be a text`, "texts stand in quotes, scripts between three of them: ''' … '''");
    case 'file-or-service':
      return isTable(value) && Object.hasOwn(value, 'run') ? serviceOf(value) : linesOf(key, value);
    case 'text':
      return linesOf(key, value);
  }
}

function namesOf(key: string, value: TomlValue): SourceEntry {
  const entries = new Map<string, SourceEntry>();
  if (Array.isArray(value)) {
    for (const name of value) {
      if (typeof name !== 'string') return notNames(key);
      entries.set(name, file(''));
    }
  } else if (isTable(value)) {
    for (const [name, word] of Object.entries(value)) {
      if (typeof word !== 'string') return notNames(key);
      entries.set(name, file(word === '' ? '' : `${word}\n`));
    }
  } else return notNames(key);
  return { kind: 'directory', mode: OPEN_DIRECTORY, entries };
}

function notNames(key: string): SourceEntry {
  const words = key === 'dependencies' ? ', or { a = "reload", b = "" }' : '';
  return invalid(`${key} must be a list of names`, `write ${key} = ["a", "b"]${words}`);
}

/** A file with one line for a value, or for each of several. */
function linesOf(key: string, value: TomlValue): SourceEntry {
  if (typeof value === 'string') return file(value.endsWith('\n') || value === '' ? value : `${value}\n`);
  if (typeof value === 'number' || typeof value === 'bigint') return file(`${value}\n`);
  if (LISTS.has(key) && Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return file(value.map((item) => `${item}\n`).join(''));
  if ((key === 'limits' || key === 'log') && isTable(value)) {
    const lines = Object.entries(value).flatMap(([name, item]) =>
      (Array.isArray(item) ? item : [item]).map((one) => [name, one] as const),
    );
    const nested = lines.find(([, one]) => typeof one === 'object' || typeof one === 'boolean');
    if (nested === undefined) return file(lines.map(([name, one]) => `${name} ${one}\n`).join(''));
    return invalid(`${key} says of ${nested[0]} neither a text nor a number`, EXAMPLES.get(key)!);
  }
  const isList = LISTS.has(key);
  return invalid(
    `${key} must be ${isList ? 'a list of texts' : 'a text or a number'}`,
    EXAMPLES.get(key) ?? (isList ? `write ${key} = ["a", "b"]` : 'write what the file of that name would hold'),
  );
}

const EXAMPLES: ReadonlyMap<string, string> = new Map([
  ['limits', 'write limits = { nofile = "1024:4096" }'],
  ['log', 'write log = { dir = "/var/log/…" }, or a table [log] with a run'],
]);

/** The classic layout, as a table: what a directory `log/` would hold. */
function serviceOf(table: TomlTable): SourceEntry {
  const entries = new Map<string, SourceEntry>();
  for (const [key, value] of Object.entries(table)) {
    const made = entryOf(key, value);
    if (made !== null) entries.set(key, made);
  }
  return { kind: 'directory', mode: OPEN_DIRECTORY, entries };
}

function treeOf(key: string, table: TomlTable): SourceEntry {
  const root = new Map<string, SourceEntry>();
  for (const [path, content] of Object.entries(table)) {
    const wrong = (what: string) =>
      invalid(`in ${key}, ${what}`, 'each line is a path and a text: "conf/main" = "text"');
    if (typeof content !== 'string') return wrong(`${path} is no text`);
    const parts = path.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..'))
      return wrong(`${path} is no path of a file`);
    let node = root;
    for (const part of parts.slice(0, -1)) {
      const next = node.get(part) ?? {
        kind: 'directory',
        mode: OPEN_DIRECTORY,
        entries: new Map<string, SourceEntry>(),
      };
      if (next.kind !== 'directory') return wrong(`${path} lies below a file`);
      node.set(part, next);
      node = next.entries as Map<string, SourceEntry>;
    }
    const last = parts.at(-1)!;
    if (node.has(last)) return wrong(`${path} is a directory already`);
    node.set(last, file(content, content.startsWith('#!') ? 0o755 : 0o644));
  }
  return { kind: 'directory', mode: OPEN_DIRECTORY, entries: root };
}

function isTable(value: TomlValue): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof TomlDate);
}

function file(text: string, mode = 0o644): SourceEntry {
  return { kind: 'file', mode, bytes: new TextEncoder().encode(text) };
}

function invalid(message: string, hint: string): SourceEntry {
  return { kind: 'invalid', message, hint };
}

/** `dependencies.d/x` comes from `dependencies`. */
function keyOf(entry: string): string {
  const top = entry.split('/', 1)[0]!;
  return [...DIRECTORIES].find(([, directory]) => directory === top)?.[0] ?? top;
}

const HEADER = /^\s*\[{1,2}\s*("[^"]*"|'[^']*'|[^\s.\]"']+)[^\]]*\]{1,2}\s*(?:#.*)?$/;
const KEY = /^\s*("[^"]*"|'[^']*'|[\w-]+)\s*[.=]/;

/** Where each key stands first, from 1. What stands within long texts and tables is none. */
function keyLines(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  let isInTable = false;
  let quotes: string | null = null;
  text.split('\n').forEach((line, i) => {
    if (quotes !== null) {
      if (line.includes(quotes)) quotes = null;
      return;
    }
    const header = HEADER.exec(line);
    isInTable ||= header !== null;
    const key = (header ?? (isInTable ? null : KEY.exec(line)))?.[1]?.replace(/^["']|["']$/g, '');
    if (key !== undefined && !found.has(key)) found.set(key, i + 1);
    quotes = ["'''", '"""'].find((three) => line.split(three).length === 2) ?? null;
  });
  return found;
}
