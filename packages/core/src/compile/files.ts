/** Reading the entries of one definition, with a diagnostic for each that is not what it should be. */
import type { SourceDiagnosticKind } from '../diagnostics/codes.ts';
import type { Place } from '../diagnostics/diagnostic.ts';
import type { Report } from '../diagnostics/report.ts';
import { explainCode } from '../diagnostics/system-errors.ts';
import { isOpenDirectory, isOpenFile } from '../model/modes.ts';
import { KNOWN_FILES, TOPIC } from './known-files.ts';
import type { SourceDefinition, SourceDirectory, SourceEntry, SourceFile, UnreadableCause } from './source.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export type PlaceOf = (file: string, line?: number, column?: number) => Place;

/** It outlives the definition's files: nothing here may hold on to them. */
function placesIn(path: string, lineOf: SourceDefinition['lineOf']): PlaceOf {
  if (lineOf !== undefined)
    return (file) => {
      const start = lineOf(file);
      return start === undefined ? { file: path } : { file: path, line: start };
    };
  return (file, line, column) => {
    const place = `${path}/${file}`;
    if (line === undefined) return { file: place };
    return column === undefined ? { file: place, line } : { file: place, line, column };
  };
}

/** Of entries that may be shared by many definitions: decoded once. */
const decoded = new WeakMap<SourceFile, string>();

export class DefinitionFiles {
  readonly place: PlaceOf;
  /** Bits of `TOPIC`. */
  readonly #topics: number;

  constructor(
    readonly source: SourceDefinition,
    readonly report: Report,
  ) {
    this.place = placesIn(source.path, source.lineOf);
    let topics = 0;
    for (const name of source.entries.keys()) {
      const topic = KNOWN_FILES.get(name)?.topic ?? null;
      if (topic !== null) topics |= TOPIC[topic];
    }
    this.#topics = topics;
  }

  get name(): string {
    return this.source.name;
  }

  /** Something in the definition is not for everybody to read. */
  get isPrivate(): boolean {
    return !areOpen(this.source.entries);
  }

  /** Whether there is any file of that topic. */
  isAbout(topic: keyof typeof TOPIC): boolean {
    return (this.#topics & TOPIC[topic]) !== 0;
  }

  has(file: string): boolean {
    return this.source.entries.has(file);
  }

  /** A regular file; null if it is absent or unusable, and the latter is reported. */
  file(file: string): SourceFile | null {
    const entry = this.source.entries.get(file);
    if (entry === undefined) return null;
    if (entry.kind === 'file') return entry;
    this.refuse(file, entry, 'a regular file');
    return null;
  }

  text(file: string): string | null {
    const found = this.file(file);
    if (found === null) return null;
    const known = decoded.get(found);
    if (known !== undefined) return known;
    try {
      const text = UTF8.decode(found.bytes);
      decoded.set(found, text);
      return text;
    } catch {
      this.report.add('not-utf8', `${file} is not valid UTF-8`, { at: this.place(file), hint: 'convert it to UTF-8' });
      return null;
    }
  }

  directory(file: string, kind: SourceDiagnosticKind = 'wrong-file-kind'): SourceDirectory | null {
    const entry = this.source.entries.get(file);
    if (entry === undefined) return null;
    if (entry.kind === 'directory') return entry;
    this.refuse(file, entry, 'a directory', kind);
    return null;
  }

  /** Says that `entry` is not `wanted`. */
  refuse(file: string, entry: SourceEntry, wanted: string, kind: SourceDiagnosticKind = 'wrong-file-kind'): void {
    const at = this.place(file);
    const hint = `replace it by ${wanted}`;
    switch (entry.kind) {
      case 'unreadable':
        reportUnreadable(entry.cause, at, this.report);
        return;
      case 'special':
        this.report.add('special-file', `${file} is ${entry.what}, not ${wanted}`, {
          at,
          hint,
        });
        return;
      case 'invalid':
        // Reported when the definition was looked through.
        return;
      case 'file':
        this.report.add(kind, `${file} is a file where ${wanted} is expected`, { at, hint });
        return;
      case 'directory':
        this.report.add(kind, `${file} is a directory where ${wanted} is expected`, { at, hint });
        return;
      case 'link':
      case 'present':
        this.report.add(kind, `${file} is not ${wanted}`, { at, hint });
        return;
    }
  }
}

function areOpen(entries: SourceDefinition['entries']): boolean {
  for (const entry of entries.values()) {
    if (entry.kind === 'file' && !isOpenFile(entry.mode)) return false;
    if (entry.kind === 'directory' && !(isOpenDirectory(entry.mode) && areOpen(entry.entries))) return false;
  }
  return true;
}

export function reportUnreadable(cause: UnreadableCause, at: Place, report: Report): void {
  switch (cause.kind) {
    case 'dangling-link':
      report.add('dangling-link', 'this symbolic link leads to nothing', { at, hint: 'remove it, or make its target' });
      return;
    case 'vanished':
      report.add('vanished', 'it was here a moment ago, and is gone', {
        at,
        hint: 'the source changed while it was read: compile again',
      });
      return;
    case 'not-utf8':
      report.add('not-utf8', `the name ${cause.shown} is not valid UTF-8`, { at, hint: 'rename it' });
      return;
    case 'source-too-large':
      report.add('too-large', `with it, the files of this source have more than ${cause.limit} bytes`, {
        at,
        hint: 'keep large files outside of the source, and let the scripts find them there',
      });
      return;
    case 'too-large':
      report.add('too-large', `it is larger than ${cause.limit} bytes`, {
        at,
        hint: 'keep it outside of the source, and let the scripts find it there',
      });
      return;
    case 'system':
      report.add('unreadable', `it cannot be read: ${explainCode(cause.code)}`, {
        at,
        hint: cause.code === 'EACCES' ? 'let it be read by who compiles, or remove it' : 'correct it, or remove it',
      });
      return;
  }
}
