/** All definitions of all sources by their names, templates and their instances included. */
import type { Report } from '../diagnostics/report.ts';
import { explainCode } from '../diagnostics/system-errors.ts';
import { reportUnreadable } from './files.ts';
import { checkName, isReserved, showName } from './names.ts';
import { type ParseContext, parse } from './parse.ts';
import { brokenDefinition, type Parsed, type ParsedService } from './parsed.ts';
import type { SourceDefinition, SourceProblem, SourceTree } from './source.ts';
import { Templates, type WrittenTemplate } from './templates.ts';

export interface Collected {
  readonly definitions: Map<string, Parsed>;
  /** Templates that nothing refers to, with those of their references that do not depend on the instance. */
  readonly unusedTemplates: readonly ParsedService[];
  readonly templates: readonly WrittenTemplate[];
}

export function collectDefinitions(trees: readonly SourceTree[], context: ParseContext): Collected {
  const { report } = context;
  const definitions = new Map<string, Parsed>();
  const templates = new Templates(context);
  const paths = new Set<string>();
  for (const tree of trees) {
    if (paths.has(tree.path))
      report.add('duplicate', 'this source is given twice', { at: { file: tree.path }, hint: 'name it once' });
    else collectTree(tree, definitions, templates, context);
    paths.add(tree.path);
  }
  templates.instantiate(definitions);
  return { definitions, unusedTemplates: templates.unused(), templates: templates.written() };
}

function collectTree(
  tree: SourceTree,
  definitions: Map<string, Parsed>,
  templates: Templates,
  context: ParseContext,
): void {
  const { report } = context;
  let isEmpty = true;
  for (const source of tree.definitions) {
    isEmpty = false;
    if (!checkName(source.name, { file: source.path }, report)) continue;
    if (isTemplate(source.name)) templates.add(source);
    else if (isNew(source, definitions, report))
      definitions.set(source.name, parse(source, { name: source.name, instance: null }, context));
  }
  for (const name of tree.plainFiles) checkReserved(tree.path, name, report);
  for (const problem of tree.problems) {
    reportProblem(problem, report);
    if (problem.kind === 'missing-source' || problem.name === null) continue;
    const { name, path } = problem;
    if (isTemplate(name)) templates.addBroken(name, path);
    else if (isNew({ name, path }, definitions, report)) definitions.set(name, brokenDefinition(name, path));
  }
  if (isEmpty && tree.problems.length === 0)
    report.add('empty-source', 'there is no definition in this source', {
      at: { file: tree.path },
      hint: 'a definition is a directory with a file named type in it',
    });
}

function isTemplate(name: string): boolean {
  return name.endsWith('@') && name.length > 1;
}

/** Says so if it is not. */
function isNew(
  { name, path }: Pick<SourceDefinition, 'name' | 'path'>,
  definitions: ReadonlyMap<string, Parsed>,
  report: Report,
): boolean {
  const other = definitions.get(name);
  if (other === undefined) return true;
  report.add('duplicate', `${showName(name)} is defined twice`, {
    at: { file: path },
    notes: [{ message: 'it is also defined here', at: { file: other.path } }],
    hint: 'rename or remove one of the two',
  });
  return false;
}

function checkReserved(source: string, name: string, report: Report): void {
  if (isReserved(name)) checkName(name, { file: `${source}/${name}` }, report);
}

function reportProblem(problem: SourceProblem, report: Report): void {
  switch (problem.kind) {
    case 'missing-source':
      reportMissing(problem.path, problem.code, report);
      return;
    case 'unreadable':
      reportUnreadable(problem.cause, { file: problem.path }, report);
      return;
    case 'bad-toml':
      report.add('bad-toml', problem.message, {
        at: { file: problem.path, line: problem.line, column: problem.column },
        hint: problem.hint,
      });
      return;
  }
}

function reportMissing(path: string, code: string, report: Report): void {
  const hint = 'a source is a directory that holds one directory for each definition';
  if (code === 'ENOENT') report.add('missing-source', 'this source does not exist', { at: { file: path }, hint });
  else
    report.add('unreadable', `this source cannot be read: ${explainCode(code)}`, {
      at: { file: path },
      hint: code === 'ENOTDIR' ? hint : 'let it be read by who compiles',
    });
}
