/**
 * From templates of a database to the services of new instances: what their lists name with `%i` is made along, and loggers as
 * the compiler makes them. The rules are the compiler's own; the services that are there take part as names only.
 */
import { readinessFlag } from '../compile/assemble.ts';
import { addLoggers } from '../compile/loggers.ts';
import { checkName } from '../compile/names.ts';
import {
  isService,
  listsOf,
  NO_REFERENCES,
  type Parsed,
  type ParsedBundle,
  type ParsedService,
  type Reference,
  type References,
} from '../compile/parsed.ts';
import { addPipelineBundles } from '../compile/pipelines.ts';
import { resolveRelations } from '../compile/relations.ts';
import { type Referent, Resolution } from '../compile/resolution.ts';
import { expandInstance } from '../compile/words.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { Report } from '../diagnostics/report.ts';
import type { Column } from '../graph/column.ts';
import { findCycles } from '../graph/cycles.ts';
import { union } from '../graph/edge-list.ts';
import { type Edges, targetsOf } from '../graph/edges.ts';
import { present } from '../invariant.ts';
import {
  bundleIndex,
  type Database,
  entryOf,
  everyService,
  FLAG,
  LONGRUN,
  ON_DEPENDENCY_RESTART,
  ON_UPDATE,
  ONESHOT,
  type ServiceId,
  serviceId,
} from '../model/database.ts';
import type { Definition } from '../model/definition.ts';
import type { DefinitionEncoding } from '../model/definition-encoding.ts';
import { loggerName } from '../model/logger-name.ts';
import { type Template, templateNamed } from '../model/template.ts';
import { failure, type Result, success } from '../result.ts';
import { loggerDefinition, ownDefinition, type Variables, withVariables } from './instance-definition.ts';
import { type InstanceBundle, type InstanceService, partsOf } from './instance-set.ts';

/** An instance that is to be made, with the variables that it gets. */
export interface WantedInstance {
  readonly name: string;
  readonly variables: Variables;
}

/** Everything about a service but where it is kept. */
export type MadeService = Omit<InstanceService, 'environment' | 'key' | 'slot' | 'since'>;

export interface MadeServices {
  readonly services: readonly MadeService[];
  readonly bundles: readonly InstanceBundle[];
}

/** None of `wanted` may be there already. The problem: what the compiler would say of them. */
export function makeServices(
  database: Database,
  wanted: readonly WantedInstance[],
  encoding: DefinitionEncoding,
): Result<MadeServices, readonly Diagnostic[]> {
  const report = new Report();
  const making = new Making(database, report);
  for (const { name, variables } of wanted) making.make(name, variables);
  making.makeReferredTo();
  const { definitions } = making;
  addLoggers(definitions, report);
  addPipelineBundles(definitions, report);

  const services = [...everyService(database).map((id) => standIn(database, id))];
  const bundles: ParsedBundle[] = [];
  const targets = new Map<string, Referent>(
    database.names.map((name, id) => [name, { kind: 'service', id: serviceId(id) }]),
  );
  database.bundleNames.forEach((name, index) => {
    targets.set(name, { kind: 'bundle', index: bundleIndex(index) });
  });
  for (const [name, parsed] of definitions) {
    if (targets.has(name)) continue;
    if (isService(parsed)) targets.set(name, { kind: 'service', id: serviceId(services.push(parsed) - 1) });
    else if (parsed.kind === 'bundle') bundles.push(parsed);
    else targets.set(name, { kind: 'broken' });
  }
  const resolution = new Resolution(targets, services.length, report);
  const relations = resolveRelations(services, database.bundleMembers, resolution, report);
  if (report.hasErrors) return failure(report.sorted());

  const first = database.names.length;
  const nameOf = (id: ServiceId) => entryOf(services, id).name;
  const namesOf = (ids: Column<ServiceId>) => [...ids].map(nameOf);
  const made = services.slice(first).map((service, at): MadeService => {
    const id = serviceId(first + at);
    const start = present(relations.needs.offsets[id], 'each service has a row');
    const { template, instance, isLogger } = making.originOf(service.name);
    return {
      name: service.name,
      template,
      instance,
      isLogger,
      kind: service.kind,
      flags: service.flags | readinessFlag(service.definition),
      timeoutUp: service.timeoutUp,
      timeoutDown: service.timeoutDown,
      onUpdate: service.onUpdate,
      description: service.description,
      needs: [...targetsOf(relations.needs, id)].map((need, edge) => [
        nameOf(need),
        present(relations.needsOnRestart[start + edge], 'each need has an entry'),
      ]),
      wants: namesOf(targetsOf(relations.wants, id)),
      after: namesOf(targetsOf(relations.after, id)),
      before: beforeOf(id, relations.after, first).map(nameOf),
      conflicts: namesOf(targetsOf(relations.conflicts, id)),
      producerFor: namesOf(targetsOf(relations.producerFor, id))[0] ?? null,
      contentHash: hex(hashOf(service.definition, encoding)),
    };
  });
  return success({
    services: made,
    bundles: bundles.map(({ name, contents }) => ({ name, members: contents.entries.map((entry) => entry.name) })),
  });
}

/** The names of services of `database` that wait for each other in a circle; null if none do. */
export function circleIn({ names, needs, wants, after }: Database): readonly string[] | null {
  const order = union(names.length, [needs, wants, after]);
  const cycle = findCycles(order)[0];
  return cycle === undefined ? null : cycle.map((id) => entryOf(names, id));
}

/** Of the services that were there before (below `first`), those that start after `id`: its `before.d` says so. */
function beforeOf(id: ServiceId, after: Edges<ServiceId>, first: number): ServiceId[] {
  const found: ServiceId[] = [];
  for (let other = 0; other < first; other++) {
    if (targetsOf(after, serviceId(other)).includes(id)) found.push(serviceId(other));
  }
  return found;
}

function hashOf(definition: Definition, { encode, digest }: DefinitionEncoding): Uint8Array {
  return digest(encode(definition));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

interface Origin {
  readonly template: string;
  readonly instance: string;
  readonly isLogger: boolean;
}

class Making {
  readonly definitions: Map<string, Parsed>;
  readonly #database: Database;
  readonly #report: Report;
  readonly #templates = new Map<string, Template>();
  readonly #origins = new Map<string, Origin>();
  readonly #pending: ParsedService[] = [];

  constructor(database: Database, report: Report) {
    this.#database = database;
    this.#report = report;
    this.definitions = new Map<string, Parsed>(
      everyService(database).map((id) => [entryOf(database.names, id), standIn(database, id)]),
    );
    for (const name of database.bundleNames) this.definitions.set(name, bundleStandIn(name));
  }

  /** False if there is no such template, or nothing can have the name. */
  make(name: string, variables: Variables): boolean {
    const parts = partsOf(name);
    const template = parts === null ? null : this.#template(parts.template);
    if (parts === null || template === null || this.definitions.has(name)) return false;
    if (!checkName(name, { file: parts.template }, this.#report)) return false;
    const made = this.#parsed(name, parts, template, variables);
    this.#origins.set(name, { ...parts, isLogger: false });
    if (made.logger !== null) this.#origins.set(loggerName(name), { ...parts, isLogger: true });
    this.definitions.set(name, made);
    this.#pending.push(made);
    return true;
  }

  /** What the lists of those that were made name, and theirs. It ends, since names that grow become too long. */
  makeReferredTo(): void {
    for (let made = this.#pending.pop(); made !== undefined; made = this.#pending.pop())
      for (const { entries } of listsOf(made)) for (const { name } of entries) this.make(name, []);
  }

  originOf(name: string): Origin {
    return present(this.#origins.get(name), 'what was made has an origin');
  }

  #template(name: string): Template | null {
    const known = this.#templates.get(name);
    if (known !== undefined) return known;
    const index = templateNamed(this.#database.templates, name);
    if (index === undefined) return null;
    const template = this.#database.templates.template(index);
    this.#templates.set(name, template);
    return template;
  }

  #parsed(
    name: string,
    { template: of, instance }: Pick<Origin, 'template' | 'instance'>,
    template: Template,
    variables: Variables,
  ): ParsedService {
    const { templates } = this.#database;
    const index = present(templateNamed(templates, of), 'it was found before');
    const flags = entryOf(templates.flags, index) & ~FLAG.readiness;
    const reference = (written: string, onRestart = 0): Reference => ({
      name: expandInstance(written, instance),
      written,
      line: 0,
      onRestart,
    });
    const list = (file: string, names: readonly string[]): References => ({
      list: file,
      entries: names.map((written) => reference(written)),
    });
    const service: ParsedService = {
      ...NOTHING,
      kind: template.definition.type === 'longrun' ? LONGRUN : ONESHOT,
      name,
      path: of,
      place: (file) => ({ file: `${of}/${file}` }),
      flags: variables.length > 0 ? flags | FLAG.private : flags,
      timeoutUp: template.timeoutUp,
      timeoutDown: template.timeoutDown,
      onUpdate: ON_UPDATE.indexOf(template.onUpdate),
      description: template.description,
      dependencies: {
        list: 'dependencies.d',
        entries: template.dependencies.map(({ name: written, onRestart }) =>
          reference(written, ON_DEPENDENCY_RESTART.indexOf(onRestart)),
        ),
      },
      wants: list('wants.d', template.wants),
      after: list('after.d', template.after),
      before: list('before.d', template.before),
      conflicts: list('conflicts.d', template.conflicts),
      producerFor: list('producer-for', template.producerFor === null ? [] : [template.producerFor]),
      consumerFor: list('consumer-for', template.consumerFor),
      pipelineName: template.pipelineName === null ? null : reference(template.pipelineName),
      definition: withVariables(ownDefinition(template, instance), variables),
    };
    const logger = loggerDefinition(template, instance);
    if (logger === null) return service;
    const loggers: ParsedService = {
      ...NOTHING,
      kind: LONGRUN,
      name: loggerName(name),
      path: of,
      place: service.place,
      onUpdate: ON_UPDATE.indexOf('restart'),
      description: `log of ${name}`,
      consumerFor: { list: 'log', entries: [{ name, line: -1, onRestart: 0 }] },
      definition: logger,
    };
    // What the logger gets is the producer's, but that it has no variables of its own.
    return { ...service, logger: { origin: 'file', service: loggers } };
  }
}

const NO_DEFINITION: Definition = {
  type: 'oneshot',
  up: { form: 'argv', argv: [] },
  down: { form: 'argv', argv: [] },
  reload: null,
  instance: null,
};

const NOTHING = {
  path: '',
  place: (file: string) => ({ file }),
  flags: 0,
  timeoutUp: 0,
  timeoutDown: 0,
  onUpdate: 0,
  description: '',
  renamedFrom: [],
  dependencies: NO_REFERENCES,
  wants: NO_REFERENCES,
  after: NO_REFERENCES,
  before: NO_REFERENCES,
  conflicts: NO_REFERENCES,
  producerFor: NO_REFERENCES,
  consumerFor: NO_REFERENCES,
  pipelineName: null,
  sequels: [],
  logger: null,
  definition: NO_DEFINITION,
} as const;

/** A service that is there: it has a name and a kind here, and all else is known of it already. */
function standIn(database: Database, id: ServiceId): ParsedService {
  const kind = entryOf(database.kinds, id) === LONGRUN ? LONGRUN : ONESHOT;
  return { ...NOTHING, kind, name: entryOf(database.names, id) };
}

function bundleStandIn(name: string): ParsedBundle {
  return { kind: 'bundle', name, path: '', place: NOTHING.place, flags: 0, description: '', contents: NO_REFERENCES };
}
