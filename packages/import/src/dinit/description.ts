/** One of dinit's service descriptions: `setting = value`, `setting: value`, `setting += value`, a line each. */
import type { Account, OriginalFile } from '../account/account.ts';
import type { Directive } from '../account/directive.ts';
import type { Sourced } from '../model/value.ts';

export class Description {
  readonly #settings: Directive[] = [];
  readonly #account: Account;

  constructor(
    readonly name: string,
    account: Account,
  ) {
    this.#account = account;
  }

  add(directive: Directive): void {
    this.#settings.push(directive);
  }

  all(key: string): readonly Sourced<string>[] {
    return this.#settings.filter((each) => each.key === key).map((from) => ({ value: from.value, from: [from] }));
  }

  /** The last of a setting counts. Null if there is none. */
  last(key: string): Sourced<string> | null {
    const all = this.all(key);
    for (const { from } of all.slice(0, -1))
      this.#account.settle(from, { result: 'ignored', service: this.name, message: 'overridden' });
    return all.at(-1) ?? null;
  }

  /** Those that nothing was said of. */
  get rest(): readonly Directive[] {
    return this.#settings.filter((each) => !this.#account.isSettled(each));
  }
}

const LINE = /^\s*([A-Za-z][\w.-]*)\s*(\+?=|:)\s*(.*?)\s*$/;

export function readDescription(file: OriginalFile, description: Description): void {
  for (const [at, line] of file.lines.entries()) {
    if (/^\s*#/.test(line)) file.skip(at + 1);
    const [, key, sign, value = ''] = LINE.exec(line) ?? [];
    if (key === undefined) continue;
    const text = value.replace(/\s+#.*$/, '');
    description.add(
      file.directive({ line: at + 1, section: description.name, key: sign === '+=' ? `${key}+` : key, value: text }),
    );
  }
}

/** Words of a command: quotes, and backslashes before any character. Null if a quote is never closed. */
export function descriptionWords(text: string): readonly string[] | null {
  const words = [...text.matchAll(/(?:[^\s"\\]|\\.|"(?:[^"\\]|\\.)*")+|"/g)].map(([word]) => word);
  if (words.includes('"')) return null;
  return words.map((word) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|\\(.)/g,
      (_, quoted?: string, escaped?: string) => quoted?.replace(/\\(.)/g, '$1') ?? escaped ?? '',
    ),
  );
}
