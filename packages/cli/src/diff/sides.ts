/** What can be compared: a source, a compiled file, or a live directory. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Opened } from '@muster/control/open/read';
import { compile } from '@muster/core/compile/compile';
import type { Database } from '@muster/core/model/database';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { databaseMode } from '@muster/store/database/mode';
import { EXIT } from '../exit-codes.ts';
import { lookAt } from '../look.ts';
import { tell, tellsInColor } from '../output.ts';
import { complain } from '../render/complain.ts';
import { renderDiagnostics } from '../render/diagnostics.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { type Sources, sourcesAt } from '../trust.ts';
import { compiledTarget, type Target } from '../update/target.ts';

/**
 * Compiles in memory. A number: an exit code, and what is wrong has been told. `warns`: so are the warnings of a source that
 * compiles, as it is about to become what runs; who only compares hears them from rc-compile. `sources`: the same, to be
 * asked afterwards.
 */
export function compiledSource(
  directories: readonly string[],
  { warns = false, sources = sourcesAt(directories) }: { readonly warns?: boolean; readonly sources?: Sources } = {},
): Target | number {
  const { database, diagnostics } = compile(sources, { encoding: definitionEncoding, interpreterExists: existsSync });
  if (database === undefined) {
    const told = warns ? diagnostics : diagnostics.filter(({ severity }) => severity === 'error');
    tell(renderDiagnostics(told, { color: tellsInColor() }));
    return EXIT.failed;
  }
  if (warns) tell(renderDiagnostics(diagnostics, { color: tellsInColor() }));
  const { bytes, hash } = encode(database);
  return { path: directories.join(' '), bytes, database, hash, mode: databaseMode(database) };
}

/** The database of whatever `path` is: a live directory, another directory (a source), or a file (compiled). */
export function anySide(program: string, path: string): Database | number {
  const full = resolve(path);
  const stats = statSync(full, { throwIfNoEntry: false });
  if (stats === undefined) return complain(program, `there is nothing at ${path}`, EXIT.invalid);
  if (!stats.isDirectory()) {
    const target = compiledTarget(program, full);
    return typeof target === 'number' ? target : target.database;
  }
  if (existsSync(join(full, 'db')) && existsSync(join(full, 'databases'))) {
    const opened = lookAt(full);
    return opened.ok ? closed(opened.value) : complainAboutProblem(program, opened.problem);
  }
  const source = compiledSource([path]);
  return typeof source === 'number' ? source : source.database;
}

function closed({ records, database }: Opened): Database {
  records.close();
  return database;
}
