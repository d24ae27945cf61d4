/** What can be compared: a source, a compiled file, or a live directory. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compileSource } from '@muster/control/compile-source';
import type { BadDatabase, Unusable } from '@muster/control/problems';
import { compiledTarget, type Target } from '@muster/control/update/target';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import type { Database } from '@muster/core/model/database';
import { failure, type Result, success } from '@muster/core/result';
import { EXIT } from '../exit-codes.ts';
import { lookAt } from '../look.ts';
import { tell, tellsInColor } from '../output.ts';
import { complain } from '../render/complain.ts';
import { renderDiagnostics } from '../render/diagnostics.ts';
import { complainAboutProblem } from '../render/problems.ts';

export type SideProblem =
  | BadDatabase
  | Unusable
  | { readonly kind: 'nothing-there'; readonly path: string }
  /** A source that does not compile. */
  | { readonly kind: 'errors'; readonly errors: readonly Diagnostic[] };

/** Of a source that compiles rc-compile tells the warnings. */
export function sourceSide(directories: readonly string[]): Result<Target, SideProblem> {
  const { target, diagnostics } = compileSource(directories);
  if (target !== null) return success(target);
  return failure({ kind: 'errors', errors: diagnostics.filter(({ severity }) => severity === 'error') });
}

/** The database of whatever `path` is: a live directory, another directory (a source), or a file (compiled). */
export function anySide(path: string): Result<Database, SideProblem> {
  const full = resolve(path);
  const stats = statSync(full, { throwIfNoEntry: false });
  if (stats === undefined) return failure({ kind: 'nothing-there', path });
  if (!stats.isDirectory()) return databaseOf(compiledTarget(full));
  if (existsSync(join(full, 'db')) && existsSync(join(full, 'databases'))) return liveSide(full);
  return databaseOf(sourceSide([path]));
}

function databaseOf<P>(side: Result<Target, P>): Result<Database, P> {
  return side.ok ? success(side.value.database) : side;
}

function liveSide(root: string): Result<Database, Unusable> {
  const opened = lookAt(root);
  if (!opened.ok) return opened;
  opened.value.records.close();
  return success(opened.value.database);
}

export function complainAboutSide(program: string, problem: SideProblem): number {
  switch (problem.kind) {
    case 'nothing-there':
      return complain(program, `there is nothing at ${problem.path}`, EXIT.invalid);
    case 'errors':
      tell(renderDiagnostics(problem.errors, { color: tellsInColor() }));
      return EXIT.failed;
    default:
      return complainAboutProblem(program, problem);
  }
}
