/** One section, whose keys are taken one by one; what is not taken is ignored by supervisord too, and said. */
import { nearest } from '@muster/core/compile/nearest';
import type { Account } from '../account/account.ts';
import type { Directive } from '../account/directive.ts';
import type { Sourced } from '../model/value.ts';
import type { Names } from './expansions.ts';
import type { IniSection } from './ini.ts';
import { keysOf, placesOf } from './keys.ts';

export class SectionReader {
  readonly #taken = new Set<string>();
  readonly #section: IniSection;
  readonly #names: Names;
  readonly #account: Account;
  readonly #service: string;

  /** `service`: which one it is about. */
  constructor(section: IniSection, names: Names, account: Account, service: string) {
    this.#section = section;
    this.#names = names;
    this.#account = account;
    this.#service = service;
    account.describe(section.name, service, keysOf(section.name));
  }

  get name(): string {
    return this.#section.name;
  }

  get header(): Directive | null {
    return this.#section.headers[0] ?? null;
  }

  /** As it is written. Null if there is none. */
  raw(key: string): Sourced<string> | null {
    const directive = this.#section.get(key);
    if (directive === undefined) return null;
    this.#taken.add(key);
    return { value: directive.value, from: [directive] };
  }

  /** With everything put in that is known now; null also if that is not enough, which is told then. */
  text(key: string, names = this.#names): Sourced<string> | null {
    const raw = this.raw(key);
    if (raw === null) return null;
    const expanded = names.now(raw.value);
    if (expanded.ok) return { value: expanded.value, from: raw.from };
    this.tell(raw.from, expanded.problem);
    return null;
  }

  /** Converted; null also if supervisord would refuse the value, which is told then. */
  value<T>(key: string, convert: (text: string) => T | null): Sourced<T> | null {
    const text = this.text(key);
    if (text === null) return null;
    const value = convert(text.value);
    if (value !== null) return { value, from: text.from };
    this.tell(text.from, `supervisord does not start with ${JSON.stringify(text.value)}`);
    return null;
  }

  tell(from: readonly Directive[], message: string, hint?: string): void {
    const more = hint === undefined ? {} : { hint };
    this.#account.settle(from, { result: 'told', service: this.#service, message, ...more });
  }

  change(from: readonly Directive[], message: string): void {
    this.#account.settle(from, { result: 'changed', service: this.#service, message });
  }

  takes(from: readonly Directive[], ...into: string[]): void {
    this.#account.settle(from, { result: 'taken', service: this.#service, into });
  }

  note(from: readonly Directive[], message: string, hint?: string): void {
    for (const directive of from) this.#account.note(directive, hint === undefined ? { message } : { message, hint });
  }

  ignore(key: string, message: string): void {
    const raw = this.raw(key);
    if (raw !== null) this.#account.settle(raw.from, { result: 'ignored', service: this.#service, message });
  }

  /** Everything that was not taken, its headers too, with one message. */
  tellAll(message: string, hint?: string): void {
    const rest = this.#section.directives.filter(({ key }) => !this.#taken.has(key));
    this.tell([...this.#section.headers, ...rest], message, hint);
    for (const { key } of rest) this.#taken.add(key);
  }

  /** What is left. */
  close(): void {
    const [, ...again] = this.#section.headers;
    for (const header of again)
      this.#account.settle([header], { result: 'taken', service: this.#service, into: ['type'] });
    for (const directive of this.#section.directives) {
      if (!this.#taken.has(directive.key)) this.#leave(directive);
    }
  }

  #leave(directive: Directive): void {
    const { key } = directive;
    if (key.startsWith('[')) {
      this.tell(
        [directive],
        'is a key to supervisord, since its bracket is not closed: what follows belongs to the section before',
        'close it',
      );
      return;
    }
    const known = keysOf(this.name);
    const [place] = placesOf(key);
    const [near] = nearest(key, known);
    const ignored = { result: 'ignored', service: this.#service } as const;
    if (known.includes(key)) this.#account.settle([directive], { ...ignored, message: 'has no meaning here' });
    else if (place !== undefined)
      this.#account.settle([directive], {
        ...ignored,
        message: 'is ignored by supervisord',
        hint: `it belongs into [${place}]`,
      });
    else {
      const hint = near === undefined ? {} : { hint: `did you mean ${near}?` };
      this.#account.settle([directive], { ...ignored, message: 'is not known to supervisord', ...hint });
    }
  }
}
