/** A source on its way to becoming what runs, or to being compared with that: compiled in memory. */
import { existsSync } from 'node:fs';
import { compile } from '@muster/core/compile/compile';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { NO_INSTANCES } from '@muster/core/instances/instance-set';
import { userExists } from '@muster/posix/users';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { databaseMode } from '@muster/store/database/mode';
import { readSource } from '@muster/store/source-tree/read';
import type { Target } from './update/target.ts';

export interface CompiledSource {
  /** Null if there are errors among the diagnostics. */
  readonly target: Target | null;
  readonly diagnostics: readonly Diagnostic[];
  /** What others could have written, who would then decide what this user's services do. */
  readonly distrusted: readonly Diagnostic[];
}

export function compileSource(directories: readonly string[]): CompiledSource {
  // Nothing is read yet: the compiler walks through them.
  const sources = directories.map((directory) => readSource(directory));
  const { database, diagnostics } = compile(sources, {
    encoding: definitionEncoding,
    interpreterExists: existsSync,
    userExists,
  });
  const distrusted = sources.flatMap((source) => source.distrusted);
  if (database === undefined) return { target: null, diagnostics, distrusted };
  const { bytes, hash } = encode(database);
  const target = {
    path: directories.join(' '),
    bytes,
    database,
    instances: NO_INSTANCES,
    hash,
    mode: databaseMode(database),
  };
  return { target, diagnostics, distrusted };
}
