/**
 * The compiler: source trees → a database, and everything that is to be said about them.
 *
 *     parse         each definition by itself: its files, their syntax, their numbers          (parse.ts)
 *     expand        instances of templates, loggers, the bundles that name pipelines           (templates, loggers, pipelines)
 *     resolve       names → ids; bundles → services; lists → edges                             (bundles, relations)
 *     check         circles, conflicts, earlier names                                          (cycles, conflicts, renames)
 *     assemble      columns, content hashes                                                    (assemble.ts)
 *
 * No phase stops at the first error: a definition that is broken keeps its name, so that what refers to it is not
 * reported as well. A database comes out only if there is no error. Ids are the order of names, so that the same
 * definitions give the same database whatever order they come in.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { Report } from '../diagnostics/report.ts';
import { bundleIndex, serviceId } from '../model/database.ts';
import type { DefinitionEncoding } from '../model/definition-encoding.ts';
import type { PackedDatabase } from '../model/packed-definitions.ts';
import { assemble, flagsWithBundles } from './assemble.ts';
import { assembleTemplates } from './assemble-templates.ts';
import { resolveBundles } from './bundles.ts';
import { checkConflicts } from './conflicts.ts';
import { checkCycles } from './cycles.ts';
import { collectDefinitions } from './definitions.ts';
import { lintEssential, lintLogDirectories, lintUnreached } from './lint/relations.ts';
import type { Exists } from './lint/scripts.ts';
import { addLoggers } from './loggers.ts';
import { compareNames } from './names.ts';
import type { ParseContext } from './parse.ts';
import { listsOf, type Parsed, type ParsedBundle, type ParsedService } from './parsed.ts';
import { addPipelineBundles } from './pipelines.ts';
import { resolveRelations } from './relations.ts';
import { checkRenames } from './renames.ts';
import { type Referent, Resolution } from './resolution.ts';
import { checkSize } from './size.ts';
import type { SourceTree } from './source.ts';

export interface CompileOptions {
  readonly encoding: DefinitionEncoding;
  /** Whether a script's interpreter is there; without it, nobody looks. */
  readonly interpreterExists?: Exists;
  readonly userExists?: Exists;
}

export interface Compilation {
  /** Only without errors. */
  readonly database?: PackedDatabase;
  /** In the order of their places. */
  readonly diagnostics: readonly Diagnostic[];
}

export function compile(trees: readonly SourceTree[], options: CompileOptions): Compilation {
  const report = new Report();
  const { definitions, unusedTemplates, templates: written } = collectDefinitions(trees, contextOf(options, report));
  addLoggers(definitions, report);
  addPipelineBundles(definitions, report);

  const { services, bundles, targets } = number(definitions);
  const resolution = new Resolution(targets, services.length, report);
  const bundleMembers = resolveBundles(bundles, resolution, report);
  for (const template of unusedTemplates)
    for (const { list, entries } of listsOf(template))
      for (const reference of entries) resolution.resolve(template, list, reference);
  const relations = resolveRelations(services, bundleMembers, resolution, report);
  const bundleNames = bundles.map(({ name }) => name);
  const world = { services, bundleMembers, bundleNames, resolution };
  checkCycles(relations, world, report);
  checkConflicts(services, bundles, { ...relations, bundleMembers }, report);

  checkRenames(services, targets, report);
  checkSize([...services, ...written.map(({ service }) => service)], report);
  lintLogDirectories(services, report);
  const flags = flagsWithBundles(services, bundles, { bundleMembers, producerFor: relations.producerFor });
  if (report.hasErrors) return { diagnostics: report.sorted() };
  lintEssential(relations, flags, world, report);
  lintUnreached(relations, flags, world, report);
  const templates = assembleTemplates(written, services);
  const database = assemble({ services, bundles, relations, bundleMembers, flags, templates }, options.encoding);
  return { database, diagnostics: report.sorted() };
}

function contextOf({ interpreterExists, userExists }: CompileOptions, report: Report): ParseContext {
  return {
    report,
    ...(interpreterExists === undefined ? {} : { interpreterExists: remembering(interpreterExists) }),
    ...(userExists === undefined ? {} : { userExists: remembering(userExists) }),
  };
}

/** Thousands of scripts have the same few interpreters, and run as the same few users. */
function remembering(exists: Exists): Exists {
  const answers = new Map<string, boolean>();
  return (path) => {
    const known = answers.get(path);
    if (known !== undefined) return known;
    const answer = exists(path);
    answers.set(path, answer);
    return answer;
  };
}

/** Services and bundles in the order of their names, and where to find each. */
function number(definitions: ReadonlyMap<string, Parsed>): {
  services: ParsedService[];
  bundles: ParsedBundle[];
  targets: Map<string, Referent>;
} {
  const services: ParsedService[] = [];
  const bundles: ParsedBundle[] = [];
  const targets = new Map<string, Referent>();
  for (const [name, parsed] of [...definitions].sort(([a], [b]) => compareNames(a, b))) {
    switch (parsed.kind) {
      case 'broken':
        targets.set(name, { kind: 'broken' });
        break;
      case 'bundle':
        targets.set(name, { kind: 'bundle', index: bundleIndex(bundles.push(parsed) - 1) });
        break;
      default:
        targets.set(name, { kind: 'service', id: serviceId(services.push(parsed) - 1) });
    }
  }
  return { services, bundles, targets };
}
