/** Imports of originals that are texts in a test, and what every import must hold. */
import { failure, success } from '@muster/core/result';
import { expect } from 'vitest';
import type { ImportReport, ReportEntry } from '../src/account/directive.ts';
import type { FileReader } from '../src/files/reader.ts';
import type { ImportFormat, ImportRequest } from '../src/format.ts';
import { type ImportResult, importFrom } from '../src/import.ts';

export function filesIn(texts: Readonly<Record<string, string>>): FileReader {
  const names = Object.keys(texts);
  return {
    text: (path) => (Object.hasOwn(texts, path) ? success(texts[path]!) : failure('no such file')),
    list(path) {
      const below = names.filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1));
      return below.length === 0 ? null : [...new Set(below.map((name) => name.split('/')[0]!))].sort();
    },
    linkAt: () => null,
    kindOf: (path) =>
      Object.hasOwn(texts, path) ? 'file' : names.some((name) => name.startsWith(`${path}/`)) ? 'directory' : null,
  };
}

export function requestFor(paths: readonly string[], more: Partial<ImportRequest> = {}): ImportRequest {
  return {
    paths,
    environment: new Map(),
    root: '/',
    here: null,
    logDirectory: '/var/log',
    workingDirectory: '/',
    choices: new Map(),
    ...more,
  };
}

/** Must be importable, and compile without a warning. */
export function imported(
  format: ImportFormat,
  texts: Readonly<Record<string, string>>,
  more: Partial<ImportRequest> = {},
): Imported {
  const paths = more.paths ?? [Object.keys(texts)[0]!];
  const result = importFrom(format, requestFor(paths, more), filesIn(texts));
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  expect(result.value.diagnostics).toEqual([]);
  expectAccounted(result.value.report, texts);
  return new Imported(result.value);
}

/** Every line of what was read is a comment, blank, or in an entry. */
export function expectAccounted({ files, entries }: ImportReport, texts: Readonly<Record<string, string>>): void {
  for (const { path, lines } of files) {
    expect(lines).toBe(texts[path]!.split('\n').length - (texts[path]!.endsWith('\n') || texts[path] === '' ? 1 : 0));
  }
  for (const entry of entries) {
    expect(['taken', 'changed', 'told', 'ignored']).toContain(entry.result);
    if (entry.result === 'taken') expect(entry.into, JSON.stringify(entry)).not.toEqual([]);
    if (entry.result === 'told') expect(entry.message, JSON.stringify(entry)).not.toBe('');
  }
}

export class Imported {
  readonly #files: ReadonlyMap<string, string>;

  constructor(readonly result: ImportResult) {
    this.#files = new Map(
      result.files.map((file) => [
        file.path,
        file.kind === 'file' ? new TextDecoder().decode(file.bytes) : file.target,
      ]),
    );
  }

  /** Without its last newline; undefined if there is none. */
  file(path: string): string | undefined {
    return this.#files.get(path)?.replace(/\n$/, '');
  }

  get paths(): readonly string[] {
    return [...this.#files.keys()].sort();
  }

  /** Names in a directory of the source. */
  below(directory: string): readonly string[] {
    return this.paths
      .filter((path) => path.startsWith(`${directory}/`))
      .map((path) => path.slice(directory.length + 1));
  }

  /** The entries of a key, as `RESULT message`. */
  said(key: string): readonly string[] {
    return this.entries(key).map(({ result, message }) => (message === '' ? result : `${result} ${message}`));
  }

  entries(key: string): readonly ReportEntry[] {
    return this.result.report.entries.filter((entry) => entry.key === key);
  }
}
