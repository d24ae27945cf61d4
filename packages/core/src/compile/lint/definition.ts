/**
 * What compiles and is probably a mistake, in one definition. Every rule here and in the files beside this one is a
 * warning about something that people really do; `--strict` makes them errors.
 */
import type { DefinitionFiles } from '../files.ts';
import { KNOWN_FILES, TYPES, type Type } from '../known-files.ts';
import { loggerFiles } from '../loggers.ts';
import { showText } from '../names.ts';
import { nearest } from '../nearest.ts';
import { type Exists, lintCommand, lintScript } from './scripts.ts';

/** What is asked of the machine; it is not asked what is absent. */
export interface LintContext {
  readonly interpreterExists?: Exists;
  readonly userExists?: Exists;
}

export function lintDefinition(
  files: DefinitionFiles,
  type: Type,
  { interpreterExists, userExists }: LintContext,
): void {
  lintFileNames(files, type);
  for (const list of ['contents', 'dependencies']) {
    if (!files.has(list) || !files.has(`${list}.d`)) continue;
    if ((type === 'bundle') !== (list === 'contents')) continue;
    files.report.add('both-lists', `${list} is ignored, because ${list}.d is there`, {
      at: files.place(list),
      hint: `move what it says into ${list}.d, and remove it`,
    });
  }
  if (type === 'longrun') {
    lintScripts(files, interpreterExists);
    const logger = loggerFiles(files);
    if (logger !== null) lintScripts(logger, interpreterExists);
  }
  if (type === 'longrun' && userExists !== undefined) lintUser(files, userExists);
  if (type === 'oneshot')
    for (const command of ['up', 'down', 'reload']) lintCommand(files, command, interpreterExists);
}

function lintScripts(files: DefinitionFiles, interpreterExists: Exists | undefined): void {
  for (const script of ['run', 'finish', 'ready-check']) lintScript(files, script, interpreterExists);
}

function lintFileNames(files: DefinitionFiles, type: Type): void {
  for (const name of files.source.entries.keys()) {
    const known = KNOWN_FILES.get(name);
    if (known === undefined) {
      if (!isLeftByEditor(name)) reportUnknown(files, name);
    } else if (!known[type]) {
      const others = TYPES.filter((other) => known[other]);
      files.report.add('unused-file', `${name} means nothing in a ${type}`, {
        at: files.place(name),
        hint: `it belongs into a ${others.join(' or a ')}; does type say what was meant?`,
      });
    }
  }
  if (type === 'longrun' && files.has('ready-check-interval') && !files.has('ready-check'))
    files.report.add('unused-file', 'ready-check-interval means nothing without ready-check', {
      at: files.place('ready-check-interval'),
      hint: 'write the script ready-check, which exits 0 when the daemon is ready, or remove this file',
    });
  if (type === 'longrun') lintRestarts(files);
  const down = files.source.entries.get('down');
  if (type === 'longrun' && down?.kind === 'file' && down.bytes.length > 0)
    files.report.add('unused-file', 'a longrun has no down script', {
      at: files.place('down'),
      hint: 'what is to be done after the daemon died stands in finish; an empty down means flag-manual',
    });
}

/** It may be made before the service is started, or on the machine that this is compiled for. */
function lintUser(files: DefinitionFiles, userExists: Exists): void {
  const entry = files.source.entries.get('user');
  if (entry?.kind !== 'file') return;
  const [name = '', group] = (files.text('user') ?? '').trim().split(':');
  if (name === '' || (group !== undefined && /^[0-9]+$/.test(name)) || userExists(name)) return;
  files.report.add('unknown-user', `there is no user ${showText(name)} on this machine`, {
    at: files.place('user', 1),
    hint: 'without that user its start will fail: make it first, or correct the name',
  });
}

function lintRestarts(files: DefinitionFiles): void {
  const unless = (isMeant: boolean, file: string, message: string, hint: string) => {
    if (files.has(file) && !isMeant)
      files.report.add('unused-file', `${file} means nothing ${message}`, { at: files.place(file), hint });
  };
  const mayEnd = !isAlwaysRestarted(files);
  unless(
    mayEnd,
    'success-codes',
    'for what is always started again',
    'let restart say on-failure or never, or remove this file',
  );
  unless(
    mayEnd,
    'on-done',
    'for what is always started again',
    'let restart say on-failure or never, or remove this file',
  );
  unless(
    mayEnd || LIMITS.some((file) => files.has(file)),
    'on-failed',
    'for what is started again without end',
    'limit that by restart-limit or start-retries, or let restart say on-failure or never',
  );
  unless(
    READINESS.some((file) => files.has(file)),
    'start-retries',
    'for what is ready as soon as it runs',
    'say when it is ready, for instance by ready-after, or limit its restarts by restart-limit',
  );
  unless(
    files.has('restart-delay') && files.text('restart-delay')?.includes('..') === true,
    'restart-delay-factor',
    'for a delay that does not grow',
    'let restart-delay say from where to where, like 1s..60s, or remove this file',
  );
}

/** Each may say that it is not started again. */
const LIMITS = ['restart-limit', 'start-retries', 'finish'];

/** Each says when it is ready. */
const READINESS = ['notification-fd', 'ready-check', 'ready-after'];

function isAlwaysRestarted(files: DefinitionFiles): boolean {
  const entry = files.source.entries.get('restart');
  return entry === undefined || (entry.kind === 'file' && files.text('restart')?.trim() === 'always');
}

/** Hidden files, and the copies that editors make. */
function isLeftByEditor(name: string): boolean {
  return name.startsWith('.') || name.endsWith('~') || /^#.*#$/.test(name);
}

/** As other supervisors and unit files call what is meant. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['depends', 'dependencies'],
  ['deps', 'dependencies'],
  ['environment', 'env'],
  ['needs', 'dependencies'],
  ['requires', 'dependencies'],
]);

function reportUnknown(files: DefinitionFiles, name: string): void {
  const known = [...KNOWN_FILES.keys()];
  // In one file, `dependencies.d` is called `dependencies`.
  const candidates = files.source.lineOf === undefined ? known : known.map((file) => file.replace(/\.d$/, ''));
  const near = guesses(name.replaceAll('_', '-'), new Set(candidates));
  files.report.add('unknown-file', `nothing reads ${showText(name)}`, {
    at: files.place(name),
    hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'files that the scripts need belong into data/',
  });
}

function guesses(name: string, known: ReadonlySet<string>): readonly string[] {
  const elsewhere = ELSEWHERE.get(name.replace(/\.d$/, ''));
  const meant = elsewhere ?? name;
  if (known.has(`${meant}.d`)) return [`${meant}.d`];
  return elsewhere === undefined ? nearest(name, known) : [elsewhere];
}
