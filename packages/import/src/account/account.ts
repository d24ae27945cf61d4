/**
 * The account of an import: every file that was read, every line of it, and what became of each directive.
 *
 * Nothing can be lost in silence, since the report is made of what was read and not of what was done: a line that no parser
 * claimed is in it as a line that was not understood, and a directive that no outcome was given on as one that is not mapped. A
 * outcome is given by whoever writes a file of a definition, with the directives that the file comes from; several outcomes on one
 * directive (`stopasgroup` becomes two files) are one entry, with the worst of their results.
 */
import { nearest } from '@muster/core/compile/nearest';
import { invariant } from '@muster/core/invariant';
import type { Directive, DirectiveOutcome, EntryResult, ImportReport, ReportEntry } from './directive.ts';

/** A file of the original, and which directive each of its lines belongs to. */
export class OriginalFile {
  readonly lines: readonly string[];
  /** By index of the line: null for what says nothing, a comment or a blank line. */
  readonly #covered: (Directive | null | undefined)[];
  readonly #account: Account;

  constructor(
    account: Account,
    readonly path: string,
    text: string,
  ) {
    this.#account = account;
    this.lines = linesOf(text);
    this.#covered = this.lines.map((line) => (line.trim() === '' ? null : undefined));
  }

  /** The line (from 1) says nothing. */
  skip(line: number): void {
    this.#cover(line, null);
  }

  /** `at.line`: from 1. */
  directive(at: {
    readonly line: number;
    readonly lines?: number;
    readonly section: string;
    readonly key: string;
    readonly value: string;
  }): Directive {
    const directive = { ...at, file: this.path, lines: at.lines ?? 1 };
    for (let line = at.line; line < at.line + directive.lines; line++) this.#cover(line, directive);
    this.#account.add(directive);
    return directive;
  }

  /** Lines that nobody has claimed. */
  uncovered(): readonly number[] {
    return this.#covered.flatMap((covered, at) => (covered === undefined ? [at + 1] : []));
  }

  #cover(line: number, by: Directive | null): void {
    invariant(line >= 1 && line <= Math.max(1, this.lines.length), `${this.path} has no line ${line}`);
    // Two directives may share a line, as in `{ a: 1, b: 2 }`.
    if (line <= this.#covered.length && (by !== null || this.#covered[line - 1] === undefined))
      this.#covered[line - 1] = by;
  }
}

/** Lines end at newlines, and a carriage return before one is no part of them. */
function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** From the one that says the least to the one that counts most. */
const RANK: readonly EntryResult[] = ['ignored', 'taken', 'changed', 'told'];

export class Account {
  readonly #files: OriginalFile[] = [];
  readonly #directives = new Set<Directive>();
  readonly #outcomes = new Map<Directive, DirectiveOutcome[]>();
  readonly #notes = new Map<Directive, Pick<DirectiveOutcome, 'message' | 'hint'>[]>();
  /** What keys there are, for who misspelt one, by section. */
  readonly #known = new Map<string, readonly string[]>();
  readonly #services = new Map<string, string>();

  constructor(readonly format: string) {}

  open(path: string, text: string): OriginalFile {
    const file = new OriginalFile(this, path, text);
    this.#files.push(file);
    return file;
  }

  add(directive: Directive): void {
    this.#directives.add(directive);
  }

  /** For what is left of `section` at the end: which service it is about, and which keys it could have. */
  describe(section: string, service: string, keys: readonly string[]): void {
    this.#services.set(section, service);
    this.#known.set(section, keys);
  }

  settle(directives: readonly Directive[], outcome: DirectiveOutcome): void {
    for (const directive of directives) {
      invariant(this.#directives.has(directive), `an outcome on what was not read: ${directive.key}`);
      const outcomes = this.#outcomes.get(directive) ?? [];
      outcomes.push(outcome);
      this.#outcomes.set(directive, outcomes);
    }
  }

  /** Says more of a directive, whatever becomes of it. */
  note(directive: Directive, note: { readonly message?: string; readonly hint?: string }): void {
    const notes = this.#notes.get(directive) ?? [];
    notes.push(note);
    this.#notes.set(directive, notes);
  }

  /** Whether an outcome was given. */
  isSettled(directive: Directive): boolean {
    return this.#outcomes.has(directive);
  }

  /** Has an entry for each directive and each line that was not understood, in the order of the originals. */
  close(): ImportReport {
    for (const file of this.#files) {
      for (const line of file.uncovered()) {
        const directive = file.directive({ line, section: '', key: '', value: file.lines[line - 1] ?? '' });
        this.settle([directive], { result: 'told', message: 'is not understood' });
      }
    }
    const order = new Map(this.#files.map(({ path }, at) => [path, at]));
    const place = ({ file }: ReportEntry) => order.get(file) ?? this.#files.length;
    const entries = [...this.#directives].map((directive) => this.#entryOf(directive));
    entries.sort((a, b) => place(a) - place(b) || a.line - b.line);
    return {
      version: 1,
      format: this.format,
      files: this.#files.map(({ path, lines }) => ({ path, lines: lines.length })),
      entries,
    };
  }

  #entryOf(directive: Directive): ReportEntry {
    const { file, line, section, key, value } = directive;
    const outcomes = this.#outcomes.get(directive) ?? [this.#unsettled(directive)];
    const rank = Math.max(...outcomes.map(({ result }) => RANK.indexOf(result)));
    const said: readonly Pick<DirectiveOutcome, 'message' | 'hint'>[] = [
      ...outcomes,
      ...(this.#notes.get(directive) ?? []),
    ];
    const joined = (of: 'message' | 'hint') =>
      [...new Set(said.flatMap((one) => one[of] ?? []))].filter((text) => text !== '').join('; ');
    return {
      file,
      line,
      section,
      key,
      value,
      result: RANK[rank] ?? 'told',
      service: outcomes.find(({ service }) => service !== undefined)?.service ?? this.#services.get(section) ?? '',
      into: [...new Set(outcomes.flatMap(({ into }) => into ?? []))],
      message: joined('message'),
      hint: joined('hint'),
    };
  }

  #unsettled({ section, key }: Directive): DirectiveOutcome {
    const known = this.#known.get(section) ?? [];
    const [near] = known.includes(key) ? [] : nearest(key, known);
    const message = known.length > 0 && !known.includes(key) ? 'is not known' : 'is not mapped';
    return near === undefined
      ? { result: 'told', message }
      : { result: 'told', message, hint: `did you mean ${near}?` };
  }
}
