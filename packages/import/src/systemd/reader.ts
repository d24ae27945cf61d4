/** A unit on its way to a service: what it says, converted, and what is said of it. */
import type { Account } from '../account/account.ts';
import type { Directive } from '../account/directive.ts';
import type { Sourced } from '../model/value.ts';
import type { SystemdUnit } from './unit-file.ts';
import { expandSpecifiers, type Specifiers } from './words.ts';

export class UnitReader {
  constructor(
    readonly unit: SystemdUnit,
    readonly account: Account,
    readonly specifiers: Specifiers,
  ) {}

  /** With specifiers expanded; null also if one is known on the machine only, which is told. */
  text(section: string, key: string): Sourced<string> | null {
    const last = this.unit.last(section, key);
    if (last === null || last.value === '') return null;
    return this.#expanded(last);
  }

  value<T>(section: string, key: string, convert: (text: string) => T | null): Sourced<T> | null {
    const text = this.text(section, key);
    if (text === null) return null;
    const value = convert(text.value);
    if (value !== null) return { value, from: text.from };
    this.account.settle(text.from, {
      result: 'ignored',
      service: this.unit.stem,
      message: `systemd ignores the value ${JSON.stringify(text.value)}`,
    });
    return null;
  }

  words(section: string, key: string): readonly Sourced<string>[] {
    return this.unit.words(section, key).flatMap((word) => this.#expanded(word) ?? []);
  }

  tell(from: readonly Directive[], message: string, hint?: string): void {
    const more = hint === undefined ? {} : { hint };
    this.account.settle(from, { result: 'told', service: this.unit.stem, message, ...more });
  }

  change(from: readonly Directive[], message: string): void {
    this.account.settle(from, { result: 'changed', service: this.unit.stem, message });
  }

  ignore(from: readonly Directive[], message: string): void {
    this.account.settle(from, { result: 'ignored', service: this.unit.stem, message });
  }

  take(from: readonly Directive[], ...into: string[]): void {
    this.account.settle(from, { result: 'taken', service: this.unit.stem, into });
  }

  #expanded(word: Sourced<string>): Sourced<string> | null {
    const expanded = expandSpecifiers(word.value, this.specifiers);
    if (expanded.ok) return { value: expanded.value, from: word.from };
    this.tell(word.from, expanded.problem);
    return null;
  }
}
