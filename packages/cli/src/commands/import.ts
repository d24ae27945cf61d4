/** rc-import: what another supervisor is configured by becomes a source, with a report of every line. */
import { resolve } from 'node:path';
import { Account } from '@muster/import/account/account';
import { readEnvironmentFile } from '@muster/import/env-file/env-file';
import { DISK } from '@muster/import/files/reader';
import type { ImportFormat, ImportProblem, ImportRequest } from '@muster/import/format';
import { detectFormat, FORMATS, formatNamed } from '@muster/import/formats';
import { type ImportResult, importFrom } from '@muster/import/import';
import { applyUpdate, planUpdate, type SourceUpdate } from '@muster/import/write/update';
import { writeFile } from '@muster/store/write-file';
import type { Call, Command } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { print, tell, tellsInColor } from '../output.ts';
import { complain } from '../render/complain.ts';
import { diagnosticsAsData, renderDiagnostics } from '../render/diagnostics.ts';
import { changesAsText, reportAsText, reportSummary } from '../render/import-report.ts';
import { importRunitToSource } from './import-runit.ts';

const PROGRAM = 'rc-import';

export const command: Command = {
  summary: 'Makes a source of what another supervisor is configured by',
  operands: 'FORMAT PATH…',
  options: {
    output: { short: 'o', value: 'SOURCE', help: 'the source to make, or to bring up to date' },
    detect: { help: 'say which format PATH has, and import nothing' },
    check: { help: 'write nothing; exit 1 if an import would change something' },
    report: { value: 'FILE', help: 'write the report there, all entries; - is standard output' },
    json: { help: 'the report as JSON' },
    env: { value: 'NAME=VALUE', help: 'a variable that is known now' },
    'env-file': { value: 'FILE', help: 'a file of such variables' },
    root: { value: 'DIR', help: "where an image's absolute paths lie here" },
    here: { value: 'DIR', help: 'where the original will lie' },
    'log-dir': { value: 'DIR', help: 'where logs are made (/var/log)' },
    cwd: { value: 'DIR', help: 'the working directory of what says none (/)' },
    strict: { help: 'with runit DIR SOURCE: exit 1 if something could not be mapped' },
    ...Object.assign({}, ...FORMATS.map(({ choices }) => choices)),
  },
  examples: [
    ['rc-import procfile Procfile -o source', 'every process of the Procfile becomes source/NAME'],
    ['rc-import --detect /etc/supervisor', 'say what that is'],
  ],
  run,
};

function run(call: Call): number {
  if (call.has('detect')) return detect(call.operands);
  const [name, ...paths] = call.operands;
  if (name === undefined || paths.length === 0) return wrongUsage(PROGRAM, 'a format and what to import are needed');
  const source = call.value('output');
  if (source === undefined && !call.has('check')) {
    if (name === 'runit') return importRunitToSource(call, paths);
    return wrongUsage(PROGRAM, 'where to make the source is not said: -o SOURCE');
  }
  const format = formatNamed(name);
  if (format === undefined) {
    const known = FORMATS.map(({ name }) => name).join(', ');
    return wrongUsage(PROGRAM, `'${name}' is no format that can be imported: ${known}`);
  }
  const request = requestOf(call, format, paths);
  return typeof request === 'string' ? wrongUsage(PROGRAM, request) : carryOut(call, format, request, source ?? null);
}

function detect(paths: readonly string[]): number {
  if (paths.length === 0) return wrongUsage(PROGRAM, 'nothing is named to look at');
  const found = paths.map((path) => ({ path, format: detectFormat(path, DISK) }));
  for (const { path, format } of found) {
    if (format === null) tell(`${PROGRAM}: ${path} looks like nothing that can be imported\n`);
    else print(found.length === 1 ? `${format.name}\n` : `${path}: ${format.name}\n`);
  }
  return found.every(({ format }) => format !== null) ? EXIT.success : EXIT.failed;
}

/** A text is what is wrong with the call. */
function requestOf(call: Call, format: ImportFormat, paths: readonly string[]): ImportRequest | string {
  const environment = new Map<string, string>();
  for (const path of call.values('env-file')) {
    const read = DISK.text(path);
    if (!read.ok) return `${path}: ${read.problem}`;
    const lines = readEnvironmentFile(path, read.value, new Account(PROGRAM));
    for (const { name, value } of lines) environment.set(name, value);
  }
  for (const word of call.values('env')) {
    const pair = pairOf(word);
    if (pair === null) return `--env takes NAME=VALUE, not '${word}'`;
    environment.set(...pair);
  }
  const foreign = FORMATS.flatMap(({ choices }) => Object.keys(choices)).find(
    (option) => call.has(option) && !Object.hasOwn(format.choices, option),
  );
  if (foreign !== undefined) return `--${foreign} means nothing to ${format.name}`;
  const given = Object.keys(format.choices).filter((option) => call.has(option));
  return {
    paths,
    environment,
    root: resolve(call.value('root') ?? '/'),
    here: call.value('here') ?? null,
    logDirectory: resolve('/', call.value('log-dir') ?? '/var/log'),
    workingDirectory: resolve('/', call.value('cwd') ?? '/'),
    choices: new Map(given.map((option) => [option, call.values(option)])),
  };
}

function pairOf(word: string): [name: string, value: string] | null {
  const at = word.indexOf('=');
  return at < 1 ? null : [word.slice(0, at), word.slice(at + 1)];
}

/** `source`: null if nothing is to be written whatever comes out. */
function carryOut(call: Call, format: ImportFormat, request: ImportRequest, source: string | null): number {
  const imported = importFrom(format, request, DISK);
  if (!imported.ok) return complainAboutProblems(imported.problem);
  const update = source === null ? { isNew: true, changes: [] } : planUpdate(source, imported.value.files);
  if (update === null) {
    const message = `${source} is there already, and no import made it: name a new one`;
    return complain(PROGRAM, message, EXIT.refused);
  }
  if (source !== null && !call.has('check')) applyUpdate(source, imported.value.files, format.name, update);
  answer(call, imported.value, update, source);
  if (call.has('check')) return update.changes.length > 0 ? EXIT.failed : EXIT.success;
  return isAllThere(imported.value, update) ? EXIT.success : EXIT.failed;
}

function complainAboutProblems(problems: readonly ImportProblem[]): number {
  for (const { file, line, message, hint } of problems)
    tell(`${PROGRAM}: ${file}${line === undefined ? '' : `:${line}`}: ${message}\n  hint: ${hint}\n`);
  return EXIT.failed;
}

function isAllThere({ report, diagnostics }: ImportResult, { changes }: SourceUpdate): boolean {
  const isTold = report.entries.some(({ result }) => result === 'told');
  return !isTold && diagnostics.length === 0 && !changes.some(({ kind }) => kind === 'edited');
}

function answer(
  call: Call,
  { report, services, diagnostics }: ImportResult,
  update: SourceUpdate,
  source: string | null,
) {
  const json = `${JSON.stringify({ ...report, changes: update.changes, diagnostics: diagnosticsAsData(diagnostics) })}\n`;
  const file = call.value('report');
  const whole = call.has('json') ? json : reportAsText(report, 'all');
  if (file === '-') {
    print(whole);
    return;
  }
  if (file !== undefined) writeFile(file, Buffer.from(whole));
  if (call.has('json')) print(json);
  else {
    print(reportAsText(report, 'what differs'));
    if (!update.isNew) print(changesAsText(update.changes));
    print(reportSummary(report, services.length, call.has('check') ? null : source));
  }
  tell(renderDiagnostics(diagnostics, { color: tellsInColor() }));
}
