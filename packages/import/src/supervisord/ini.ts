/**
 * supervisord's configuration, line by line as Python's configparser reads it with supervisord's settings: ` ;` and ` #` begin
 * comments, inside of quotes too; keys without regard to case, `key: value` as well; a line that is indented more than its key
 * continues the value. The last of a doubled key counts, and sections of one name are one.
 *
 * Go's rewrite of supervisord does not cut values at ` ;`.
 */
import type { Account, OriginalFile } from '../account/account.ts';
import type { Directive } from '../account/directive.ts';

export type Dialect = 'python' | 'go';

export class IniSection {
  readonly headers: Directive[] = [];
  readonly #keys = new Map<string, Directive>();

  constructor(readonly name: string) {}

  set(directive: Directive): Directive | undefined {
    const before = this.#keys.get(directive.key);
    this.#keys.set(directive.key, directive);
    return before;
  }

  get(key: string): Directive | undefined {
    return this.#keys.get(key);
  }

  get keys(): readonly string[] {
    return [...this.#keys.keys()];
  }

  get directives(): readonly Directive[] {
    return [...this.#keys.values()];
  }
}

interface Pending {
  readonly line: number;
  readonly indent: number;
  readonly key: string;
  readonly values: string[];
  /** What was cut off as a comment. */
  readonly cut: string[];
  last: number;
}

const HEADER = /^\[(.+)\]/;
const OPTION = /^(.*?)\s*[=:]\s*(.*)$/;

export interface IniOptions {
  readonly dialect: Dialect;
  /** What stands for `%(here)s` in the file. */
  readonly here: string;
  /** Sections of this name count only in the first file. */
  readonly ignored?: string;
}

/** Adds what `file` says to `sections`.*/
export function readIni(
  file: OriginalFile,
  sections: Map<string, IniSection>,
  account: Account,
  options: IniOptions,
): void {
  const reader = new IniReader(file, sections, account, options);
  for (const at of file.lines.keys()) reader.line(at + 1);
  reader.finish();
}

class IniReader {
  #section: IniSection | null = null;
  /** The key whose value may go on. */
  #open: Pending | null = null;
  readonly #file: OriginalFile;
  readonly #sections: Map<string, IniSection>;
  readonly #account: Account;
  readonly #options: IniOptions;

  constructor(file: OriginalFile, sections: Map<string, IniSection>, account: Account, options: IniOptions) {
    this.#file = file;
    this.#sections = sections;
    this.#account = account;
    this.#options = options;
  }

  line(line: number): void {
    const raw = this.#file.lines[line - 1] ?? '';
    const { text, comment } = withoutComment(raw, this.#options.dialect);
    if (text === '') {
      // A blank line inside of a value is a part of it; a comment is not.
      if (comment === null) this.#open?.values.push('');
      else this.#file.skip(line);
      return;
    }
    const indent = raw.search(/\S/);
    if (this.#open !== null && indent > this.#open.indent) {
      this.#open.values.push(text);
      this.#open.last = line;
      if (comment !== null) this.#open.cut.push(comment);
      return;
    }
    this.finish();
    const header = HEADER.exec(text)?.[1];
    if (header !== undefined) {
      this.#header(header, line, text);
      return;
    }
    const [, key = '', value = ''] = OPTION.exec(text) ?? [];
    if (key === '' || this.#section === null) refuse(this.#file, line, text, this.#section, this.#account);
    else {
      const cut = comment === null ? [] : [comment];
      this.#open = { line, indent, key: key.toLowerCase(), values: [value.trim()], cut, last: line };
    }
  }

  /** The value that is open goes no further. */
  finish(): void {
    if (this.#open === null || this.#section === null) return;
    const { line, key, values, cut, last } = this.#open;
    this.#open = null;
    const value = values.join('\n').trimEnd().replaceAll('%(here)s', this.#options.here);
    const section = this.#section;
    const directive = this.#file.directive({ line, lines: last - line + 1, section: section.name, key, value });
    const before = section.set(directive);
    if (section.name === this.#options.ignored) this.#ignore(directive);
    if (before !== undefined) this.#account.settle([before], { result: 'ignored', message: 'overridden' });
    if (cut.length > 0) this.#account.note(directive, { message: `${CUT}: ${cut.join(' ')}` });
  }

  #header(name: string, line: number, text: string): void {
    const isIgnored = name === this.#options.ignored;
    const section = (isIgnored ? undefined : this.#sections.get(name)) ?? new IniSection(name);
    if (!isIgnored) this.#sections.set(name, section);
    this.#section = section;
    const header = this.#file.directive({ line, section: name, key: '', value: text });
    section.headers.push(header);
    if (isIgnored) this.#ignore(header);
  }

  #ignore(directive: Directive): void {
    this.#account.settle([directive], { result: 'ignored', message: 'counts only in the first file' });
  }
}

export const CUT = "what follows is a comment to Python's supervisord, and part of the value to Go's";

/** `comment`: from its first character; null if there is none. */
function withoutComment(line: string, dialect: Dialect): { readonly text: string; readonly comment: string | null } {
  const whole = line.trim();
  if (/^[;#]/.test(whole)) return { text: '', comment: whole };
  const at = dialect === 'go' ? -1 : commentAt(line);
  if (at === -1) return { text: whole, comment: null };
  return { text: line.slice(0, at).trim(), comment: line.slice(at) };
}

/**
 * The first of each character is looked at, then the second of each, and so on, until one has a blank before it: so a later ` #`
 * may be found before an earlier ` ;`.
 */
function commentAt(line: string): number {
  const places = [...COMMENTS].map((character) => [...line.matchAll(character)].map(({ index }) => index));
  const rounds = Math.max(...places.map(({ length }) => length));
  for (let round = 0; round < rounds; round++) {
    const beginning = places.flatMap((at) => at[round] ?? []).filter((at) => at === 0 || /\s/.test(line[at - 1] ?? ''));
    if (beginning.length > 0) return Math.min(...beginning);
  }
  return -1;
}

const COMMENTS = [/;/g, /#/g];

function refuse(file: OriginalFile, line: number, text: string, section: IniSection | null, account: Account): void {
  const directive = file.directive({ line, section: section?.name ?? '', key: '', value: text });
  account.settle([directive], {
    result: 'told',
    message:
      section === null ? 'stands before the first [section]' : 'is neither a [section] nor a key with = and a value',
    hint: 'supervisord refuses the whole file for this line: correct it, or remove it',
  });
}
