/** rc-compile: from sources to a compiled database, and everything that is to be said about them. */
import { existsSync, statSync } from 'node:fs';
import { isSystemError } from '@muster/control/thrown';
import { compile } from '@muster/core/compile/compile';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { type Database, LONGRUN } from '@muster/core/model/database';
import { explainDefinition } from '@muster/core/plan/diff/explain';
import { userExists } from '@muster/posix/users';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { databaseMode } from '@muster/store/database/mode';
import { MANY } from '@muster/store/much-work';
import { keepCompilation, type LastCompilation, unchangedSince } from '@muster/store/source-tree/last-compilation';
import { Sightings } from '@muster/store/source-tree/sightings';
import { writeFile } from '@muster/store/write-file';
import type { Call, Command } from '../arguments/command.ts';
import { compiledPath, makeUsualPlace, sourcePath } from '../arguments/paths.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { textOfSystemError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { print, tell, tellsInColor } from '../output.ts';
import { counted } from '../render/count.ts';
import { diagnosticsAsData, renderDiagnostics } from '../render/diagnostics.ts';
import { explainedAsData, explainedText } from '../render/explained.ts';
import { distrustedIn, sourcesAt, TRUST_OPTION } from '../trust.ts';

/** Put in by scripts/build.ts. */
declare const VERSION: string | undefined;

/** Which compiler this is: two builds may make other bytes of one source. Null for what runs from source, which changes without a sign. */
function compilerHere(): string | null {
  if (typeof VERSION === 'undefined') return null;
  const { dev, ino, size, ctimeMs } = statSync(process.execPath);
  return [VERSION, dev, ino, size, ctimeMs].join(' ');
}

export const command: Command = {
  summary: 'Compile source directories into one database',
  operands: '[SOURCE… COMPILED]',
  options: {
    check: { help: 'write nothing; COMPILED may be left out' },
    'trust-source': TRUST_OPTION,
    explain: {
      value: 'NAME',
      help: 'write nothing; show this service with every default filled in, and where each line comes from',
    },
    strict: { help: 'take warnings for errors' },
    watch: { short: 'w', help: 'compile again whenever a source changes, until interrupted' },
    json: { help: 'print the result as JSON, one line each time' },
  },
  examples: [
    ['rc-compile /etc/rc/source /etc/rc/compiled', 'compile one source'],
    ['rc-compile --explain web .', 'all that is said of web, and all that is not'],
    ['rc-compile --check --strict .', 'look at what could be wrong, and write nothing'],
  ],
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  if (call.operands.length === 1 && !writesNothing(call))
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
  const operands = operandsOf(call);
  const { sources, compiled } = operands;
  const compiler = compiled === null || writesNothing(call) || call.has('watch') ? null : compilerHere();
  const last =
    compiled === null || compiler === null ? null : unchangedSince(compiled, { compiler, sources }, existsSync);
  if (last === null) return compileAnew(call, operands, compiler);
  answer(call, { counts: last, compiled, unwritten: null, diagnostics: [] });
  return EXIT.success;
}

/** `compiler`: null if what is compiled is not to be known again. */
function compileAnew(call: Call, { sources, compiled }: Operands, compiler: string | null): number {
  const sightings = compiler === null ? null : new Sightings();
  const interpreters = new Set<string>();
  const interpreterExists = (path: string) => existsSync(path) && interpreters.add(path).size > 0;
  const trees = sourcesAt(sources, sightings);
  const compilation = compile(trees, { encoding: definitionEncoding, interpreterExists, userExists });
  // Looking at them does no harm.
  const distrusted = writesNothing(call) ? [] : distrustedIn(trees, call);
  if (distrusted.length > 0) {
    answer(call, { counts: null, compiled: null, unwritten: compiled, diagnostics: distrusted });
    return EXIT.refused;
  }
  const diagnostics = call.has('strict') ? compilation.diagnostics.map(asError) : compilation.diagnostics;
  const { database } = compilation;
  if (database === undefined || (call.has('strict') && diagnostics.length > 0)) {
    answer(call, { counts: null, compiled: null, unwritten: compiled, diagnostics });
    return EXIT.failed;
  }
  const counts = countsOf(database);
  const wanted = call.value('explain');
  if (wanted !== undefined) {
    tell(renderDiagnostics(diagnostics, { color: tellsInColor() }));
    return explain(call, database, sources, wanted);
  }
  const written = writesNothing(call) ? null : compiled;
  if (written !== null) {
    const file = write(written, database);
    const isClean = diagnostics.length === 0 && trees.every((tree) => tree.distrusted.length === 0);
    const seen = isClean && database.names.length >= MANY ? sightings?.taken() : null;
    if (compiler !== null && seen)
      keepCompilation(written, { compiler, sources, ...counts, interpreters: [...interpreters] }, file, seen);
  }
  answer(call, { counts, compiled: written, unwritten: written === null ? compiled : null, diagnostics });
  return EXIT.success;
}

/** Returns what has been written. */
function write(compiled: string, database: Database): { readonly bytes: Uint8Array; readonly mode: number } {
  makeUsualPlace(compiled);
  const { bytes } = encode(database);
  const mode = databaseMode(database);
  writeFile(compiled, bytes, { mode });
  return { bytes, mode };
}

function writesNothing(call: Call): boolean {
  return call.has('check') || call.has('explain');
}

/** After what is to be said of all definitions. */
function explain(call: Call, database: Database, sources: readonly string[], name: string): number {
  const definitions = sourcesAt(sources).flatMap((tree) => [...tree.definitions]);
  const explained = explainDefinition(database, definitions, name);
  if (explained === null) return wrongUsage('rc-compile', `there is no service ${name} to explain`);
  print(call.has('json') ? `${JSON.stringify(explainedAsData(explained))}\n` : explainedText(explained));
  return EXIT.success;
}

function asError(diagnostic: Diagnostic): Diagnostic {
  return { ...diagnostic, severity: 'error' };
}

interface Operands {
  readonly sources: readonly string[];
  readonly compiled: string | null;
}

function operandsOf(call: Call): Operands {
  if (call.operands.length === 0) return { sources: [sourcePath()], compiled: compiledPath() };
  const last = call.operands.at(-1)!;
  if (writesNothing(call) && (call.operands.length === 1 || isDirectory(last)))
    return { sources: call.operands, compiled: null };
  return { sources: call.operands.slice(0, -1), compiled: last };
}

/** Where a database can never be: with --check, it is one more source. */
function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

type Counts = Pick<LastCompilation, 'longruns' | 'oneshots' | 'bundles'>;

function countsOf({ names, kinds, bundleNames }: Database): Counts {
  const longruns = kinds.filter((kind) => kind === LONGRUN).length;
  return { longruns, oneshots: names.length - longruns, bundles: bundleNames.length };
}

interface Result {
  /** Null if it is refused. */
  readonly counts: Counts | null;
  /** What was written, or is there as it would be. */
  readonly compiled: string | null;
  /** What was named, and is left alone: who meant another source sees it. */
  readonly unwritten: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

function answer(call: Call, { counts, compiled, unwritten, diagnostics }: Result): void {
  const services = counts === null ? 0 : counts.longruns + counts.oneshots;
  if (call.has('json')) {
    const result = {
      version: 1,
      ok: counts !== null,
      compiled,
      services,
      bundles: counts?.bundles ?? 0,
      diagnostics: diagnosticsAsData(diagnostics),
    };
    print(`${JSON.stringify(result)}\n`);
    return;
  }
  tell(renderDiagnostics(diagnostics, { color: tellsInColor() }));
  if (counts === null) return;
  const parts = [
    counted(counts.longruns, 'longrun'),
    counted(counts.oneshots, 'oneshot'),
    counted(counts.bundles, 'bundle'),
  ];
  const verb = compiled === null ? 'checked' : 'compiled';
  const left = unwritten === null ? '' : `, and wrote nothing to ${unwritten}`;
  const target = compiled === null ? left : ` to ${compiled}`;
  print(`${verb} ${counted(services, 'service')} (${parts.join(', ')})${target}\n`);
}
