/** All definitions of all sources by their names, templates and their instances included. */
import type { Report } from '../diagnostics/report.ts';
import { explainCode } from '../diagnostics/system-errors.ts';
import { reportUnreadable } from './files.ts';
import { checkName, isReserved, showName } from './names.ts';
import { type ParseContext, parse } from './parse.ts';
import type { Parsed } from './parsed.ts';
import type { SourceDefinition, SourceProblem, SourceTree } from './source.ts';
import { Templates } from './templates.ts';

export function collectDefinitions(trees: readonly SourceTree[], context: ParseContext): Map<string, Parsed> {
  const { report } = context;
  const definitions = new Map<string, Parsed>();
  const templates = new Templates(context);
  const paths = new Set<string>();
  for (const tree of trees) {
    if (paths.has(tree.path)) {
      report.add('duplicate', 'this source is given twice', { at: { file: tree.path }, hint: 'name it once' });
      continue;
    }
    paths.add(tree.path);
    let count = 0;
    for (const source of tree.definitions) {
      count++;
      if (!checkName(source.name, { file: source.path }, report)) continue;
      if (isTemplate(source.name)) {
        templates.add(source);
        continue;
      }
      const other = definitions.get(source.name);
      if (other !== undefined) {
        reportDuplicate(source, other, report);
        continue;
      }
      definitions.set(source.name, parse(source, { name: source.name, instance: null }, context));
    }
    for (const name of tree.plainFiles) checkReserved(tree.path, name, report);
    for (const problem of tree.problems) reportProblem(problem, report);
    if (count === 0 && tree.problems.length === 0)
      report.add('empty-source', 'there is no definition in this source', {
        at: { file: tree.path },
        hint: 'a definition is a directory with a file named type in it',
      });
  }
  templates.instantiate(definitions);
  return definitions;
}

function isTemplate(name: string): boolean {
  return name.endsWith('@') && name.length > 1;
}

function reportDuplicate(source: SourceDefinition, other: Parsed, report: Report): void {
  report.add('duplicate', `${showName(source.name)} is defined twice`, {
    at: { file: source.path },
    notes: [{ message: 'it is also defined here', at: { file: other.path } }],
    hint: 'rename or remove one of the two',
  });
}

function checkReserved(source: string, name: string, report: Report): void {
  if (isReserved(name)) checkName(name, { file: `${source}/${name}` }, report);
}

function reportProblem(problem: SourceProblem, report: Report): void {
  switch (problem.problem) {
    case 'missing-source':
      report.add(
        problem.code === 'ENOENT' ? 'missing-source' : 'unreadable',
        problem.code === 'ENOENT'
          ? 'this source does not exist'
          : `this source cannot be read: ${explainCode(problem.code)}`,
        { at: { file: problem.path }, hint: 'a source is a directory that holds one directory for each definition' },
      );
      return;
    case 'unreadable':
      reportUnreadable(problem.cause, { file: problem.path }, report);
      return;
    case 'bad-toml':
      report.add('bad-toml', problem.message, {
        at: { file: problem.path, line: problem.line, column: problem.column },
        hint: "texts stand in quotes, scripts between three of them: ''' … '''",
      });
      return;
  }
}
