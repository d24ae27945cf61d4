/** supervisord's configuration as a format. The table of what becomes what: docs/moving/supervisord.md. */
import { failure, success } from '@muster/core/result';
import type { Account } from '../account/account.ts';
import type { FileReader } from '../files/reader.ts';
import type { ImportFormat, ImportRequest } from '../format.ts';
import type { BundleModel, Relation, ServiceModel } from '../model/service.ts';
import { Names } from './expansions.ts';
import type { IniSection } from './ini.ts';
import { isKnownSection } from './keys.ts';
import { inheritedFrom, tellListener, tellServer } from './other-sections.ts';
import { type ImportedProgramSection, importProgram, membersOf, programName } from './program.ts';
import { readConfiguration } from './read.ts';
import { SectionReader } from './section-reader.ts';
import { integer } from './values.ts';

export const supervisord: ImportFormat = {
  name: 'supervisord',
  summary: "supervisord's configuration, with what it includes",
  choices: {
    dialect: { value: 'python|go', help: 'whose supervisord reads it (python)' },
    oneshot: { value: 'NAME', help: 'a program that runs once, and what waits for it waits for its end' },
    'priority-as-order': { help: 'start programs in the order of their priorities' },
  },
  detect(path, files) {
    const paths =
      files.kindOf(path) === 'directory' ? (files.list(path) ?? []).map((name) => `${path}/${name}`) : [path];
    return paths.some((each) => {
      if (files.kindOf(each) !== 'file') return false;
      const read = files.text(each);
      return read.ok && /^\[(supervisord|program:[^\]]+|group:[^\]]+|eventlistener:[^\]]+)\]/m.test(read.value);
    });
  },
  read(request, files, account) {
    const [word = 'python'] = request.choices.get('dialect') ?? [];
    if (word !== 'python' && word !== 'go')
      return failure([{ file: '--dialect', message: `is python or go, not ${word}`, hint: 'leave it out for python' }]);
    const names = new Names(new Map(), request.environment);
    const { sections, problems } = readConfiguration(request, files, account, { dialect: word, names });
    if (problems.length > 0) return failure(problems);
    return success({ kind: 'models', ...new Importer(sections, request, files, account, names).all() });
  },
};

class Importer {
  readonly #services: ServiceModel[] = [];
  readonly #bundles: BundleModel[] = [];
  readonly #sections: ReadonlyMap<string, IniSection>;
  readonly #request: ImportRequest;
  readonly #files: FileReader;
  readonly #account: Account;
  readonly #names: Names;

  constructor(
    sections: ReadonlyMap<string, IniSection>,
    request: ImportRequest,
    files: FileReader,
    account: Account,
    names: Names,
  ) {
    this.#sections = sections;
    this.#request = request;
    this.#files = files;
    this.#account = account;
    this.#names = names;
  }

  all(): { readonly services: readonly ServiceModel[]; readonly bundles: readonly BundleModel[] } {
    const account = this.#account;
    const inherited = inheritedFrom(this.#sections.get('supervisord'), this.#names, account);
    const groups = this.#groups();
    const oneshots = new Set(this.#request.choices.get('oneshot') ?? []);
    const programs: ImportedProgramSection[] = [];
    for (const section of this.#sections.values()) {
      const kind = section.name.split(':', 1)[0] ?? '';
      const name = programName(section.name);
      if (kind === 'program' && section.name.includes(':')) {
        const context = { account, request: this.#request, names: this.#names, inherited, oneshots };
        const group = groups.get(name) ?? null;
        programs.push(importProgram(section, { ...context, group, isOneshot: oneshots.has(name) }));
      } else this.#other(section, kind);
    }
    this.#services.push(...this.#ordered(programs));
    this.#templates();
    return { services: this.#services, bundles: this.#bundles };
  }

  /** Of each program that is in a group, the group's name. */
  #groups(): ReadonlyMap<string, string> {
    const groups = new Map<string, string>();
    for (const section of this.#sections.values()) {
      if (!section.name.startsWith('group:')) continue;
      const name = programName(section.name);
      const reader = new SectionReader(section, this.#names, this.#account, name);
      const members = membersOf(reader);
      const known = members?.value.filter((program) => this.#sections.has(`program:${program}`)) ?? [];
      const unknown = members?.value.filter((program) => !known.includes(program)) ?? [];
      if (unknown.length > 0)
        reader.tell(members?.from ?? [], `supervisord does not start: there is no program ${unknown.join(', ')}`);
      for (const program of known) groups.set(program, name);
      const priority = reader.value('priority', integer);
      if (priority !== null) reader.tell(priority.from, PRIORITY, PRIORITY_HINT);
      const isTemplate = (program: string) =>
        Number(this.#sections.get(`program:${program}`)?.get('numprocs')?.value ?? 1) > 1;
      this.#bundles.push({
        name,
        from: [...section.headers, ...(members?.from ?? [])],
        members: known.map((program) => (isTemplate(program) ? `${program}@` : program)),
      });
      reader.close();
    }
    return groups;
  }

  #other(section: IniSection, kind: string): void {
    if (['group', 'supervisord', 'include'].includes(kind)) return;
    if (kind === 'eventlistener') {
      tellListener(section, this.#account, { names: this.#names, root: this.#request.root, files: this.#files });
      return;
    }
    if (['unix_http_server', 'inet_http_server', 'supervisorctl', 'rpcinterface'].includes(kind)) {
      tellServer(section, this.#names, this.#account);
      return;
    }
    const reader = new SectionReader(section, this.#names, this.#account, '');
    if (isKnownSection(section.name)) reader.tellAll('is not mapped');
    else
      for (const directive of [...section.headers, ...section.directives])
        if (!this.#account.isSettled(directive))
          this.#account.settle([directive], {
            result: 'ignored',
            message: 'is a section that supervisord does not read',
          });
  }

  /** With `--priority-as-order`, each comes after those of the next lower priority. */
  #ordered(programs: readonly ImportedProgramSection[]): readonly ServiceModel[] {
    const isOrder = this.#request.choices.has('priority-as-order');
    const levels = [...new Set(programs.map(({ priority }) => priority?.value ?? 999))].sort((a, b) => a - b);
    return programs.flatMap(({ service, priority }) => {
      if (!isOrder && priority !== null)
        this.#account.settle(priority.from, { result: 'told', message: PRIORITY, hint: PRIORITY_HINT });
      if (service === null || !isOrder) return service === null ? [] : [service];
      const before = levels[levels.indexOf(priority?.value ?? 999) - 1];
      const earlier = programs.filter((other) => (other.priority?.value ?? 999) === before);
      const after = earlier.flatMap(({ service }): Relation[] =>
        service === null ? [] : [{ kind: 'after', name: service.name, from: priority?.from ?? [] }],
      );
      if (priority !== null && after.length === 0)
        this.#account.settle(priority.from, { result: 'taken', into: ['after.d'] });
      return [{ ...service, relations: [...service.relations, ...after] }];
    });
  }

  /** A program with many processes has the name of the program as a bundle, as supervisord has a group. */
  #templates(): void {
    const named = new Set([...this.#bundles, ...this.#services].map(({ name }) => name));
    for (const { name, instances } of this.#services) {
      const bundle = name.slice(0, -1);
      if (instances !== null && !named.has(bundle)) this.#bundles.push({ name: bundle, from: [], members: [name] });
    }
  }
}

const PRIORITY = 'is the order in which supervisord starts programs, without waiting for any';
const PRIORITY_HINT = '--priority-as-order makes an order of it that waits';
