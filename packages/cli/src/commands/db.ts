/** rc-db: reads a database: names, services, what depends on what, scripts. */
import { nearest } from '@muster/core/compile/nearest';
import { closure } from '@muster/core/graph/closure';
import { type Edges, targetsOf } from '@muster/core/graph/edges';
import {
  bundleNamed,
  type Database,
  everyBundle,
  everyService,
  LONGRUN,
  nameOf,
  ONESHOT,
  type ServiceId,
  serviceNamed,
} from '@muster/core/model/database';
import { faultsOf } from '@muster/core/model/soundness';
import { templateNamed } from '@muster/core/model/template';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import type { Call, Command } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { print, printsToTerminal } from '../output.ts';
import { DATABASE_OPTIONS, openNamed, resolveNames } from '../read-database.ts';
import { complain, complainAboutNames } from '../render/complain.ts';
import { counted } from '../render/count.ts';
import { bundleAsData, pipelineOf, serviceAsData, templateAsData } from '../render/database.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { renderRecord } from '../render/record.ts';
import { scriptsOf } from '../render/scripts.ts';
import { visible } from '../render/visible.ts';

const PROGRAM = 'rc-db';

export const command: Command = {
  summary: 'Read a compiled database',
  operands: 'list|show|dependencies|dependents|contents|pipeline|script|check|dump [NAME…]',
  options: {
    ...DATABASE_OPTIONS,
    all: { help: 'dependencies and dependents: the whole closure, what is named included' },
    json: { help: 'print JSON' },
  },
  examples: [
    ['rc-db list longruns', 'names of all longruns; also: all, services, oneshots, bundles'],
    ['rc-db dependencies --all web', 'everything that web needs'],
    ['rc-db script web run', 'the script that starts web'],
    ['rc-db -c ./compiled check', 'whether a file is a sound database'],
  ],
  run,
};

async function run(call: Call): Promise<number> {
  const [verb, ...names] = call.operands;
  if (verb === undefined) return wrongUsage(PROGRAM, 'what is to be read?');
  const act = VERBS.get(verb);
  if (act === undefined) {
    const [near] = nearest(verb, VERBS.keys());
    const guess = near === undefined ? `it reads ${[...VERBS.keys()].join(', ')}` : `did you mean ${near}?`;
    return wrongUsage(PROGRAM, `there is no '${verb}': ${guess}`);
  }
  if (NAMELESS.includes(verb) ? names.length > (verb === 'list' ? 1 : 0) : names.length === 0)
    return wrongUsage(PROGRAM, `'${verb}' ${NAMELESS.includes(verb) ? 'takes no names' : 'needs a name'}`);
  const opened = await openNamed(call);
  if (!opened.ok) return complainAboutProblem(PROGRAM, opened.problem);
  return act(opened.value.database, names, call, opened.value.path);
}

type Act = (database: Database, names: readonly string[], call: Call, path: string) => number;

const NAMELESS = ['list', 'check', 'dump'];

const VERBS: ReadonlyMap<string, Act> = new Map<string, Act>([
  ['list', list],
  ['show', show],
  ['dependencies', (database, names, call) => related(database, names, call, database.needs)],
  ['dependents', (database, names, call) => related(database, names, call, database.neededBy)],
  ['contents', contents],
  ['pipeline', pipeline],
  ['script', script],
  ['check', check],
  ['dump', dump],
]);

function list(database: Database, [what = 'all']: readonly string[], call: Call): number {
  const ofKind = (kind: number) => database.names.filter((_, id) => database.kinds[id] === kind);
  const services = {
    all: database.names,
    services: database.names,
    longruns: ofKind(LONGRUN),
    oneshots: ofKind(ONESHOT),
    bundles: [],
  };
  if (!Object.hasOwn(services, what))
    return complain(PROGRAM, `lists are ${Object.keys(services).join(', ')}, not '${what}'`, EXIT.usage);
  const listed = {
    services: services[what as keyof typeof services],
    bundles: what === 'all' || what === 'bundles' ? database.bundleNames : [],
  };
  if (call.has('json')) return printJson({ version: 1, ...listed });
  return printLines([...listed.services, ...listed.bundles]);
}

function show(database: Database, names: readonly string[], call: Call): number {
  const shown: object[] = [];
  const unknown: string[] = [];
  for (const name of names) {
    const id = serviceNamed(database, name);
    const bundle = bundleNamed(database, name);
    const template = templateNamed(database.templates, name);
    if (id !== undefined) shown.push(serviceAsData(database, id));
    else if (bundle !== undefined) shown.push(bundleAsData(database, bundle));
    else if (template !== undefined) shown.push(templateAsData(database, template));
    else unknown.push(name);
  }
  if (unknown.length > 0) return complainAboutNames(PROGRAM, unknown, database);
  if (call.has('json')) return printJson(...shown.map((record) => ({ version: 1, ...record })));
  print(shown.map(renderRecord).join('\n'));
  return EXIT.success;
}

function related(database: Database, names: readonly string[], call: Call, edges: Edges<ServiceId>): number {
  const ids = resolveNames(database, names);
  if (!ids.ok) return complainAboutProblem(PROGRAM, ids.problem);
  const found = call.has('all')
    ? closure(edges, ids.value)
    : [...new Set(ids.value.flatMap((id) => [...targetsOf(edges, id)]))].sort((a, b) => a - b);
  return printNames(database, found, call);
}

function contents(database: Database, names: readonly string[], call: Call): number {
  const ids = resolveNames(database, names);
  return ids.ok ? printNames(database, ids.value, call) : complainAboutProblem(PROGRAM, ids.problem);
}

function pipeline(database: Database, names: readonly string[], call: Call): number {
  const ids = resolveNames(database, names);
  if (!ids.ok) return complainAboutProblem(PROGRAM, ids.problem);
  return printNames(database, [...new Set(ids.value.flatMap((id) => pipelineOf(database, id)))], call);
}

/** `script NAME [FILE]`: the text, or for an argument vector its words, one a line. */
function script(database: Database, [name, file, more]: readonly string[], call: Call): number {
  const id = serviceNamed(database, name!);
  if (database.bundleNames.includes(name!))
    return wrongUsage(PROGRAM, `${name} is a bundle: only its services have scripts`);
  if (id === undefined) return complainAboutNames(PROGRAM, [name!], database);
  const scripts = scriptsOf(database.definition(id));
  if (more !== undefined || (file !== undefined && !scripts.has(file)))
    return complain(PROGRAM, `${name} has ${[...scripts.keys()].join(', ')}, not '${more ?? file}'`, EXIT.unknownName);
  const chosen = file === undefined ? [...scripts] : [[file, scripts.get(file)!] as const];
  if (call.has('json'))
    return printJson({ version: 1, name, scripts: chosen.map(([path, { data }]) => ({ path, ...data })) });
  for (const [path, { text }] of chosen) {
    if (chosen.length > 1) print(`==> ${path}\n`);
    print(text);
  }
  return EXIT.success;
}

function check(database: Database, _names: readonly string[], call: Call, path: string): number {
  const faults = faultsOf(database, definitionEncoding);
  const sizes = `${counted(database.names.length, 'service')}, ${counted(database.bundleNames.length, 'bundle')}`;
  if (call.has('json')) printJson({ version: 1, ok: faults.length === 0, faults });
  else if (faults.length === 0) printLines([`${path} is sound: ${sizes}`]);
  else for (const fault of faults) complain(PROGRAM, `${path}: ${fault}`, EXIT.invalid);
  return faults.length === 0 ? EXIT.success : EXIT.invalid;
}

function dump(database: Database, _names: readonly string[], call: Call): number {
  const services = everyService(database).map((id) => serviceAsData(database, id));
  const bundles = everyBundle(database).map((index) => bundleAsData(database, index));
  if (call.has('json')) return printJson({ version: 1, services, bundles });
  print([...services, ...bundles].map(renderRecord).join('\n'));
  return EXIT.success;
}

function printNames(database: Database, ids: readonly ServiceId[], call: Call): number {
  const names = ids.map((id) => nameOf(database, id));
  return call.has('json') ? printJson(names) : printLines(names);
}

function printLines(lines: readonly string[]): number {
  const shown = printsToTerminal() ? lines.map(visible) : lines;
  print(shown.map((line) => `${line}\n`).join(''));
  return EXIT.success;
}

function printJson(...values: readonly unknown[]): number {
  print(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  return EXIT.success;
}
