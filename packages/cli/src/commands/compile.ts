/** rc-compile: from sources to a compiled database, and everything that is to be said about them. */
import { existsSync, statSync } from 'node:fs';
import { isSystemError } from '@muster/control/thrown';
import { compile } from '@muster/core/compile/compile';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { type Database, LONGRUN } from '@muster/core/model/database';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { databaseMode } from '@muster/store/database/mode';
import { writeFile } from '@muster/store/write-file';
import type { Call, Command } from '../arguments/command.ts';
import { compiledPath, makeUsualPlace, sourcePath } from '../arguments/paths.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { textOfSystemError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { print, tell, tellsInColor } from '../output.ts';
import { counted } from '../render/count.ts';
import { diagnosticsAsData, renderDiagnostics } from '../render/diagnostics.ts';
import { distrustedIn, sourcesAt, TRUST_OPTION } from '../trust.ts';

export const command: Command = {
  summary: 'Compile source directories into one database',
  operands: '[SOURCE… COMPILED]',
  options: {
    check: { help: 'write nothing; COMPILED may be left out' },
    'trust-source': TRUST_OPTION,
    strict: { help: 'take warnings for errors' },
    watch: { short: 'w', help: 'compile again whenever a source changes, until interrupted' },
    json: { help: 'print the result as JSON, one line each time' },
  },
  examples: [
    ['rc-compile /etc/rc/source /etc/rc/compiled', 'compile one source'],
    ['rc-compile --check --strict .', 'look at what could be wrong, and write nothing'],
  ],
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  if (call.operands.length === 1 && !call.has('check'))
    return wrongUsage('rc-compile', 'a source and the file to write are needed');
  if (call.operands.includes('')) return wrongUsage('rc-compile', 'a path is empty');
  if (!call.has('watch')) return compileOnce(call);
  await compileAgainAndAgain(call);
  return EXIT.success;
}

/** Ends with SIGINT or SIGTERM. What cannot be written now may be with the next change. */
async function compileAgainAndAgain(call: Call): Promise<void> {
  const { watchSources } = await import('@muster/store/source-tree/watch');
  const compileNow = () => {
    try {
      compileOnce(call);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      tell(`rc-compile: ${textOfSystemError(error)}\n`);
    }
  };
  const { sources, compiled } = operandsOf(call);
  const watch = watchSources(sources, compiled, compileNow);
  compileNow();
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  watch.close();
}

function compileOnce(call: Call): number {
  const { sources, compiled } = operandsOf(call);
  const trees = sourcesAt(sources);
  const compilation = compile(trees, { encoding: definitionEncoding, interpreterExists: existsSync });
  // Looking at them does no harm.
  const distrusted = call.has('check') ? [] : distrustedIn(trees, call);
  if (distrusted.length > 0) {
    answer(call, { database: undefined, compiled: null, unwritten: compiled, diagnostics: distrusted });
    return EXIT.refused;
  }
  const diagnostics = call.has('strict') ? compilation.diagnostics.map(asError) : compilation.diagnostics;
  const refused = compilation.database === undefined || (call.has('strict') && diagnostics.length > 0);
  const database = refused ? undefined : compilation.database;
  const written = database === undefined || call.has('check') ? null : compiled;
  if (database !== undefined && written !== null) {
    makeUsualPlace(written);
    writeFile(written, encode(database).bytes, { mode: databaseMode(database) });
  }
  answer(call, { database, compiled: written, unwritten: written === null ? compiled : null, diagnostics });
  return refused ? EXIT.failed : EXIT.success;
}

function asError(diagnostic: Diagnostic): Diagnostic {
  return { ...diagnostic, severity: 'error' };
}

function operandsOf(call: Call): { sources: readonly string[]; compiled: string | null } {
  if (call.operands.length === 0) return { sources: [sourcePath()], compiled: compiledPath() };
  const last = call.operands.at(-1)!;
  if (call.has('check') && (call.operands.length === 1 || isDirectory(last)))
    return { sources: call.operands, compiled: null };
  return { sources: call.operands.slice(0, -1), compiled: last };
}

/** Where a database can never be: with --check, it is one more source. */
function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

interface Result {
  readonly database: Database | undefined;
  /** What was written. */
  readonly compiled: string | null;
  /** What was named, and is left alone: who meant another source sees it. */
  readonly unwritten: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

function answer(call: Call, { database, compiled, unwritten, diagnostics }: Result): void {
  if (call.has('json')) {
    const result = {
      version: 1,
      ok: database !== undefined,
      compiled,
      services: database?.names.length ?? 0,
      bundles: database?.bundleNames.length ?? 0,
      diagnostics: diagnosticsAsData(diagnostics),
    };
    print(`${JSON.stringify(result)}\n`);
    return;
  }
  tell(renderDiagnostics(diagnostics, { color: tellsInColor() }));
  if (database === undefined) return;
  const longruns = database.kinds.filter((kind) => kind === LONGRUN).length;
  const parts = [
    counted(longruns, 'longrun'),
    counted(database.names.length - longruns, 'oneshot'),
    counted(database.bundleNames.length, 'bundle'),
  ];
  const verb = compiled === null ? 'checked' : 'compiled';
  const left = unwritten === null ? '' : `, and wrote nothing to ${unwritten}`;
  const target = compiled === null ? left : ` to ${compiled}`;
  print(`${verb} ${counted(database.names.length, 'service')} (${parts.join(', ')})${target}\n`);
}
