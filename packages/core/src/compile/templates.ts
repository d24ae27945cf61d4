/**
 * Templates. `NAME@/` is no service; each reference to `NAME@INSTANCE`, from wherever, makes one, unless that name is
 * defined by itself. In the template's lists `%i` stands for INSTANCE, so that an instance may refer to others.
 */
import { Report } from '../diagnostics/report.ts';
import { INSTANCE } from '../model/template.ts';
import { checkName, compareNames, isTooLong, showName } from './names.ts';
import { type ParseContext, parse } from './parse.ts';
import {
  brokenDefinition,
  isService,
  listsOf,
  NO_REFERENCES,
  type Parsed,
  type ParsedService,
  placeOf,
  type Reference,
  type References,
} from './parsed.ts';
import type { SourceDefinition } from './source.ts';

/** What a template is parsed with when only its mistakes are of interest. */
const SAMPLE = 'i';

/** A `source` of null if it could not be read. */
interface Template {
  readonly path: string;
  readonly source: SourceDefinition | null;
  readonly sample: Parsed | null;
  isUsed: boolean;
  /** Names of those that were made of it. */
  readonly instances: string[];
}

/** A template with `%i` as it was written, and the names of its instances. */
export interface WrittenTemplate {
  readonly service: ParsedService;
  readonly instances: readonly string[];
}

export class Templates {
  readonly #templates = new Map<string, Template>();
  readonly #context: ParseContext;
  readonly #report: Report;

  constructor(context: ParseContext) {
    this.#context = context;
    this.#report = context.report;
  }

  add(source: SourceDefinition): void {
    if (!this.#isNew(source.name, source.path)) return;
    const sample = parse(source, { name: source.name, instance: SAMPLE }, this.#context);
    this.#templates.set(source.name, { path: source.path, source, sample, isUsed: false, instances: [] });
    if (sample.kind !== 'bundle') return;
    this.#report.add('bad-template', `the template ${showName(source.name)} is a bundle`, {
      at: { file: source.path },
      hint: 'a template is a longrun or a oneshot',
    });
  }

  /** One that could not be read, which is reported: nothing is said about its instances. */
  addBroken(name: string, path: string): void {
    if (this.#isNew(name, path))
      this.#templates.set(name, { path, source: null, sample: null, isUsed: true, instances: [] });
  }

  #isNew(name: string, path: string): boolean {
    const other = this.#templates.get(name);
    if (other === undefined) return true;
    this.#report.add('duplicate', `the template ${showName(name)} is defined twice`, {
      at: { file: path },
      notes: [{ message: 'it is also defined here', at: { file: other.path } }],
      hint: 'rename or remove one of the two',
    });
    return false;
  }

  /** Those without any instance: what they say is looked at nevertheless, apart from what `%i` is part of. */
  unused(): ParsedService[] {
    const unused: ParsedService[] = [];
    for (const { sample, isUsed } of this.#templates.values()) {
      if (isUsed || sample === null || !isService(sample)) continue;
      unused.push({
        ...sample,
        dependencies: this.#fixed(sample.dependencies),
        wants: this.#fixed(sample.wants),
        after: this.#fixed(sample.after),
        before: this.#fixed(sample.before),
        conflicts: this.#fixed(sample.conflicts),
        producerFor: NO_REFERENCES,
        consumerFor: NO_REFERENCES,
      });
    }
    return unused;
  }

  /** All that compile, in the order of their names. */
  written(): WrittenTemplate[] {
    const written: WrittenTemplate[] = [];
    for (const name of [...this.#templates.keys()].sort(compareNames)) {
      const { source, instances } = this.#templates.get(name)!;
      if (source === null) continue;
      const service = parse(source, { name, instance: INSTANCE }, { report: new Report() });
      if (isService(service)) written.push({ service, instances });
    }
    return written;
  }

  #fixed({ list, entries }: References): References {
    return {
      list,
      entries: entries.filter(
        ({ name, written }) => name === written && !this.#templates.has(name.slice(0, name.indexOf('@') + 1)),
      ),
    };
  }

  /** Adds every instance that is referred to, directly or by another instance. */
  instantiate(definitions: Map<string, Parsed>): void {
    if (this.#templates.size === 0) return;
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
    const template = this.#templates.get(name.slice(0, split));
    if (template === undefined) return null;
    template.isUsed = true;
    const { source, path } = template;
    const at = placeOf(owner, list, reference);
    const instance = name.slice(split);
    if (instance === '') {
      this.#report.add('template-not-instance', `${showName(name)} is a template, not a service`, {
        at,
        hint: `say which instance: ${name}INSTANCE`,
      });
      return brokenDefinition(name, path);
    }
    // It also ends templates whose instances need ever longer ones.
    if (isTooLong(name)) {
      this.#report.add('bad-template', 'the name of this instance is too long', {
        at,
        hint: 'does an instance of the template refer to ever more instances of it?',
      });
      return brokenDefinition(name, path);
    }
    if (!checkName(name, at, this.#report)) return brokenDefinition(name, path);
    if (source === null) return brokenDefinition(name, path);
    template.instances.push(name);
    // Its mistakes were reported when the template was added.
    return parse(source, { name, instance }, { report: new Report() });
  }
}
