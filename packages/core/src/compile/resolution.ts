/** From names to what they stand for, with the nearest names for those that nothing defines. */
import type { Report } from '../diagnostics/report.ts';
import type { BundleIndex, ServiceId } from '../model/database.ts';
import { showName, showText } from './names.ts';
import { nearest } from './nearest.ts';
import { type ParsedBundle, type ParsedService, placeOf, type Reference } from './parsed.ts';

export type Referent =
  | { readonly kind: 'service'; readonly id: ServiceId }
  | { readonly kind: 'bundle'; readonly index: BundleIndex }
  /** Its own mistakes are reported; more about it would only confuse. */
  | { readonly kind: 'broken' };

/** So many names are compared with undefined ones in all: with 100,000 of them, each suggestion takes its time. */
const PATIENCE = 500_000;

export class Resolution {
  readonly #targets: ReadonlyMap<string, Referent>;
  readonly #report: Report;
  #compared = 0;

  constructor(
    targets: ReadonlyMap<string, Referent>,
    /** How many services there are. */
    readonly services: number,
    report: Report,
  ) {
    this.#targets = targets;
    this.#report = report;
  }

  /** Null if nothing has the name, which is reported. */
  resolve(owner: ParsedService | ParsedBundle, list: string, reference: Reference): Referent | null {
    const target = this.#targets.get(reference.name);
    if (target !== undefined) return target;
    this.#report.add('undefined-name', `nothing defines ${showName(reference.name)}, which ${said(owner, list)}`, {
      at: placeOf(owner, list, reference),
      hint: this.#hint(reference.name),
    });
    return null;
  }

  /** As `resolve`, and null without a word for a name that is undefined. */
  find(name: string): Referent | null {
    return this.#targets.get(name) ?? null;
  }

  #hint(name: string): string {
    const trimmed = name.trim();
    if (trimmed !== name && this.#targets.has(trimmed))
      return name.endsWith('\r')
        ? 'the file has carriage returns: convert it to plain newlines'
        : `remove the blanks behind the name: it is ${showText(name)}`;
    if (this.#compared > PATIENCE) return 'define it, or remove this entry';
    this.#compared += this.#targets.size;
    const near = nearest(name, this.#targets.keys()).map(showName);
    return near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'define it, or remove this entry';
  }
}

function said(owner: ParsedService | ParsedBundle, list: string): string {
  const name = showName(owner.name);
  switch (list) {
    case 'contents':
    case 'contents.d':
      return `${name} holds`;
    case 'wants.d':
      return `${name} wants`;
    case 'after.d':
      return `${name} comes after`;
    case 'before.d':
      return `${name} comes before`;
    case 'conflicts.d':
      return `${name} conflicts with`;
    case 'producer-for':
      return `${name} produces for`;
    case 'consumer-for':
      return `${name} consumes from`;
    default:
      return `${name} needs`;
  }
}
