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
import { parse, TomlDate, TomlError, type TomlTable, type TomlValue } from 'smol-toml';

export const TOML_SUFFIX = '.service.toml';

/** Keys whose entries are those of a directory. */
const DIRECTORIES: ReadonlyMap<string, string> = new Map(
  ['dependencies', 'contents', 'wants', 'after', 'before', 'conflicts'].map((key) => [key, `${key}.d`]),
);

export function parseDefinition(name: string, path: string, text: string): SourceDefinition | SourceProblem {
  let table: TomlTable;
  try {
    table = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const message = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
    return { problem: 'bad-toml', path, message, line: error.line, column: error.column };
  }
  const lines = text.split('\n');
  const lineOf = (entry: string) => lineOfKey(lines, entry);
  const entries = new Map<string, SourceEntry>();
  for (const [key, value] of Object.entries(table)) {
    const made = entryOf(key, value);
    if (typeof made === 'string') {
      const line = lineOf(key) ?? 1;
      return { problem: 'bad-toml', path, message: `${key} ${made}`, line, column: 1 };
    }
    if (made !== null) entries.set(DIRECTORIES.get(key) ?? key, made);
  }
  return { name, path, entries, lineOf };
}

/** Null: there is no such file. A text: what is wrong. */
function entryOf(key: string, value: TomlValue): SourceEntry | null | string {
  const reading = KNOWN_FILES.get(key)?.reading;
  if (DIRECTORIES.has(key)) return namesOf(value);
  switch (reading) {
    case 'flag':
      if (typeof value !== 'boolean') return 'must be true or false';
      return value ? file('') : null;
    case 'tree':
      return isTable(value) ? treeOf(value) : 'must be a table of files';
    case 'script':
      return typeof value === 'string' ? file(value, value.startsWith('#!') ? 0o755 : 0o644) : 'must be a text';
    default:
      return lineEntry(key, value);
  }
}

function namesOf(value: TomlValue): SourceEntry | string {
  const entries = new Map<string, SourceEntry>();
  if (Array.isArray(value)) {
    for (const name of value) {
      if (typeof name !== 'string') return 'must be a list of names';
      entries.set(name, file(''));
    }
  } else if (isTable(value)) {
    for (const [name, word] of Object.entries(value)) {
      if (typeof word !== 'string') return 'must say a word for each name';
      entries.set(name, file(word === '' ? '' : `${word}\n`));
    }
  } else return 'must be a list of names';
  return { kind: 'directory', entries };
}

function lineEntry(key: string, value: TomlValue): SourceEntry | string {
  if (typeof value === 'string') return file(value.endsWith('\n') || value === '' ? value : `${value}\n`);
  if (typeof value === 'number' || typeof value === 'bigint') return file(`${value}\n`);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return file(value.map((item) => `${item}\n`).join(''));
  if (isTable(value)) {
    const lines = Object.entries(value).flatMap(([name, item]) =>
      (Array.isArray(item) ? item : [item]).map((one) => `${name} ${one}\n`),
    );
    return file(lines.join(''));
  }
  return `cannot be ${value instanceof TomlDate ? 'a date' : `${value}`}: the file ${key} holds text`;
}

function treeOf(table: TomlTable): SourceEntry | string {
  const root = new Map<string, SourceEntry>();
  for (const [path, content] of Object.entries(table)) {
    if (typeof content !== 'string') return `must map paths to texts, and ${path} is none`;
    const parts = path.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..'))
      return `has the path ${path}, which is none`;
    let node = root;
    for (const part of parts.slice(0, -1)) {
      const next = node.get(part) ?? { kind: 'directory', entries: new Map<string, SourceEntry>() };
      if (next.kind !== 'directory') return `has the path ${path} below a file`;
      node.set(part, next);
      node = next.entries as Map<string, SourceEntry>;
    }
    node.set(parts.at(-1)!, file(content, content.startsWith('#!') ? 0o755 : 0o644));
  }
  return { kind: 'directory', entries: root };
}

function isTable(value: TomlValue): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof TomlDate);
}

function file(text: string, mode = 0o644): SourceEntry {
  return { kind: 'file', mode, bytes: new TextEncoder().encode(text) };
}

/** The line where the key of an entry stands: `dependencies.d/x` comes from `dependencies`. */
function lineOfKey(lines: readonly string[], entry: string): number | undefined {
  const top = entry.split('/', 1)[0]!;
  const key = [...DIRECTORIES].find(([, directory]) => directory === top)?.[0] ?? top;
  const escaped = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`^\\s*(?:\\[+\\s*)?["']?${escaped}["']?\\s*(?:[=.\\]]|$)`);
  const found = lines.findIndex((line) => pattern.test(line));
  return found === -1 ? undefined : found + 1;
}
