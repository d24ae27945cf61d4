/**
 * Templates. `NAME@/` is no service; each reference to `NAME@INSTANCE`, from wherever, makes one, unless that name is
 * defined by itself. In the template's lists `%i` stands for INSTANCE, so that an instance may refer to others.
 */
import { Report } from '../diagnostics/report.ts';
import { checkName, showName } from './names.ts';
import { type ParseContext, parse } from './parse.ts';
import { listsOf, type Parsed, placeOf, type Reference } from './parsed.ts';
import type { SourceDefinition } from './source.ts';

/** As long as a file's name may be; it also ends templates whose instances need ever longer ones. */
const LONGEST_NAME = 255;

/** What a template is parsed with when only its mistakes are of interest. */
const SAMPLE = 'i';

export class Templates {
  readonly #sources = new Map<string, SourceDefinition>();
  readonly #context: ParseContext;
  readonly #report: Report;

  constructor(context: ParseContext) {
    this.#context = context;
    this.#report = context.report;
  }

  add(source: SourceDefinition): void {
    const other = this.#sources.get(source.name);
    if (other !== undefined) {
      this.#report.add('duplicate', `the template ${showName(source.name)} is defined twice`, {
        at: { file: source.path },
        notes: [{ message: 'it is also defined here', at: { file: other.path } }],
        hint: 'rename or remove one of the two',
      });
      return;
    }
    this.#sources.set(source.name, source);
    const sample = parse(source, { name: `${source.name}${SAMPLE}`, instance: SAMPLE }, this.#context);
    if (sample.kind !== 'bundle') return;
    this.#report.add('bad-template', `the template ${showName(source.name)} is a bundle`, {
      at: { file: source.path },
      hint: 'a template is a longrun or a oneshot',
    });
  }

  /** Adds every instance that is referred to, directly or by another instance. */
  instantiate(definitions: Map<string, Parsed>): void {
    if (this.#sources.size === 0) return;
    const pending = [...definitions.values()];
    for (let parsed = pending.pop(); parsed !== undefined; parsed = pending.pop()) {
      if (parsed.kind === 'broken') continue;
      for (const references of listsOf(parsed)) {
        for (const reference of references.entries) {
          const made = this.#make(parsed, references.list, reference, definitions);
          if (made === null) continue;
          definitions.set(made.name, made);
          pending.push(made);
        }
      }
    }
  }

  #make(
    owner: Exclude<Parsed, { kind: 'broken' }>,
    list: string,
    reference: Reference,
    definitions: ReadonlyMap<string, Parsed>,
  ): Parsed | null {
    const { name } = reference;
    if (definitions.has(name)) return null;
    const split = name.indexOf('@') + 1;
    const source = this.#sources.get(name.slice(0, split));
    if (source === undefined) return null;
    const at = placeOf(owner, list, reference);
    const instance = name.slice(split);
    if (instance === '') {
      this.#report.add('template-not-instance', `${showName(name)} is a template, not a service`, {
        at,
        hint: `say which instance: ${name}INSTANCE`,
      });
      return { kind: 'broken', name, path: source.path, place: () => ({ file: source.path }) };
    }
    if (new TextEncoder().encode(name).length > LONGEST_NAME || !checkName(name, at, this.#report)) {
      this.#report.add('bad-template', `the name of this instance is longer than ${LONGEST_NAME} bytes`, {
        at,
        hint: 'does an instance of the template refer to ever more instances of it?',
      });
      return { kind: 'broken', name, path: source.path, place: () => ({ file: source.path }) };
    }
    // Its mistakes were reported when the template was added.
    return parse(source, { name, instance }, { report: new Report() });
  }
}
