/**
 * A unit with its drop-ins, as systemd reads them: sections with keys that may be there many times. For a list each assignment adds,
 * and an empty one begins anew; of anything else the last one counts.
 */
import type { Account, OriginalFile } from '../account/account.ts';
import type { Directive } from '../account/directive.ts';
import type { Sourced } from '../model/value.ts';

export class SystemdUnit {
  readonly headers: Directive[] = [];
  readonly #assignments: Directive[] = [];
  readonly #taken = new Set<Directive>();
  readonly #account: Account;

  /** `name`: with its suffix. */
  constructor(
    readonly name: string,
    account: Account,
  ) {
    this.#account = account;
  }

  /** `web` of `web.service`, `getty@` of `getty@.service`. */
  get stem(): string {
    return this.name.replace(/\.[a-z]+$/, '');
  }

  get kind(): string {
    return this.name.slice(this.name.lastIndexOf('.') + 1);
  }

  add(directive: Directive): void {
    this.#assignments.push(directive);
  }

  /** Of a list, those since it was last emptied. */
  all(section: string, key: string): readonly Directive[] {
    const found = this.#assignments.filter((each) => each.section === section && each.key === key);
    for (const each of found) this.#taken.add(each);
    const begin = found.findLastIndex(({ value }) => value === '') + 1;
    this.#account.settle(found.slice(0, begin), { result: 'ignored', service: this.stem, message: 'is emptied later' });
    return found.slice(begin);
  }

  /** Words of all assignments of a list. */
  words(section: string, key: string): readonly Sourced<string>[] {
    return this.all(section, key).flatMap((directive) => {
      const words = directive.value.split(/\s+/).filter(Boolean);
      return words.map((value) => ({ value, from: [directive] }));
    });
  }

  /** Null if there is none, or an empty one. */
  last(section: string, key: string): Sourced<string> | null {
    const found = this.all(section, key);
    const directive = found.at(-1);
    this.#account.settle(found.slice(0, -1), { result: 'ignored', service: this.stem, message: 'overridden' });
    return directive === undefined ? null : { value: directive.value, from: [directive] };
  }

  /** What nobody has asked for. */
  get rest(): readonly Directive[] {
    return this.#assignments.filter((each) => !this.#taken.has(each));
  }
}

/** Adds what a file says to `unit`. */
export function readUnitFile(file: OriginalFile, unit: SystemdUnit, account: Account): void {
  let section = '';
  for (let at = 0; at < file.lines.length; ) {
    const line = at + 1;
    const { text, lines } = logicalLine(file.lines, at);
    at += lines;
    if (text === null) {
      file.skip(line);
      continue;
    }
    const header = /^\[([^[\]]+)\]\s*$/.exec(text)?.[1];
    if (header !== undefined) {
      section = header;
      unit.headers.push(file.directive({ line, lines, section, key: '', value: text }));
      continue;
    }
    const [, key = '', value = ''] = /^([^=]*?)\s*=\s*(.*)$/s.exec(text) ?? [];
    const directive = file.directive({ line, lines, section, key, value: key === '' ? text : value.trim() });
    if (key === '' || section === '') {
      const message = section === '' ? 'stands before the first [section]' : 'is no assignment';
      account.settle([directive], { result: 'ignored', service: unit.stem, message: `${message}: systemd ignores it` });
    } else unit.add(directive);
  }
}

/** A line with those that continue it; comments between them are none of it. Null for a comment. */
function logicalLine(
  lines: readonly string[],
  start: number,
): { readonly text: string | null; readonly lines: number } {
  const first = (lines[start] ?? '').trim();
  if (first === '' || /^[#;]/.test(first)) return { text: null, lines: 1 };
  let text = first;
  let at = start + 1;
  while (text.endsWith('\\') && at < lines.length) {
    const next = (lines[at] ?? '').trim();
    at++;
    if (!/^[#;]/.test(next)) text = `${text.slice(0, -1)} ${next}`;
  }
  return { text: text.replace(/\\$/, ''), lines: at - start };
}
