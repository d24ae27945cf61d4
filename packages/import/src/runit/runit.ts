/**
 * From runit's service directories to a source.
 *
 *     run            run, as it is if it stands alone; else a script that enters data/NAME, where the original files are
 *     finish         finish, with runsv's arguments
 *     check          ready-check
 *     down           flag-manual, and not in the bundle `default`, which holds all others (if that is no service's name)
 *     log/           log/, which becomes the service NAME-log
 *     env/           env/, or beside the original files
 *     control/t      down-signal, if it does nothing but send a signal; other control scripts cannot be mapped
 *     links          several names for one directory become a template, if the names have a beginning in common
 */
import { type ImportedFile, textFile } from '../definitions/files.ts';
import type { Imported, ImportNote } from './imported.ts';
import type { RunitFile, RunitService } from './runit-directory.ts';
import { enter, homeOf, standsAlone } from './runit-scripts.ts';
import { type Unit, unitsOf, whyUnusable } from './runit-units.ts';
import { rewriteSv } from './sv-calls.ts';

const UTF8 = new TextEncoder();
/** Names for the bundle of what is not down: the first that no service has. */
const BUNDLES = ['default', 'everything', 'all-services', 'all-imported-services'] as const;
function nameForAll(taken: ReadonlySet<string>): string {
  const free = BUNDLES.find((name) => !taken.has(name));
  if (free !== undefined) return free;
  let number = 2;
  while (taken.has(`${BUNDLES[0]}-${number}`)) number++;
  return `${BUNDLES[0]}-${number}`;
}

/** In `kill -s USR1 …` and `kill -INT …`, as all that a control script does. */
const KILL = /^\s*kill\s+(?:-s\s+)?-?([A-Za-z0-9]+)\s+[^;&|]*$/;

/** Imports what `services` holds; nothing is read or written. */
export function importRunit(services: readonly RunitService[]): Imported {
  const files: ImportedFile[] = [];
  const notes: ImportNote[] = [];
  const usable = services.filter((service) => {
    const flaw = whyUnusable(service);
    if (flaw !== null) notes.push({ kind: 'lost', service: service.name, ...flaw });
    return flaw === null;
  });
  const units = unitsOf(usable);
  const neighbours = new Map(units.flatMap(({ instances }) => instances));
  const made = new Set(neighbours.values());
  const bundle = nameForAll(made);
  if (bundle !== BUNDLES[0]) {
    const message = `is a service, so the bundle of all that are not down is ${bundle}`;
    notes.push({ kind: 'changed', service: BUNDLES[0], file: '.', message });
  }
  for (const unit of units) importUnit(unit, { neighbours, made, bundle }, files, notes);
  const enabled = units.filter(({ service }) => service.files.get('down') === undefined);
  files.push(textFile(`${bundle}/type`, 'bundle\n'));
  for (const { instances } of enabled) {
    for (const [, name] of instances) files.push(textFile(`${bundle}/contents.d/${name}`, ''));
  }
  return { files, notes, services: units.flatMap(({ instances }) => instances.map(([, made]) => made)) };
}

interface Surroundings {
  /** From names in the directory to names of services. */
  readonly neighbours: ReadonlyMap<string, string>;
  /** Names of services. */
  readonly made: ReadonlySet<string>;
  /** The name of the bundle that holds what is not down. */
  readonly bundle: string;
}

function importUnit(
  unit: Unit,
  { neighbours, made, bundle }: Surroundings,
  files: ImportedFile[],
  notes: ImportNote[],
): void {
  const { service, definition } = unit;
  const note = (kind: ImportNote['kind'], file: string, message: string) =>
    notes.push({ kind, service: service.name, file, message });
  const put: Put = (path, content, mode = 0o644) => {
    const bytes = typeof content === 'string' ? UTF8.encode(content) : content;
    files.push({ path: `${definition}/${path}`, kind: 'file', bytes, mode });
  };

  put('type', 'longrun\n');
  const run = textOf(service.files.get('run'));
  if (!isExecutable(service.files.get('run')))
    note('changed', 'run', 'is executable now: it was not, and could not start');
  const alone = run !== null && unit.template === null && standsAlone(service, run);
  if (alone) put('run', run, 0o755);
  else {
    put('run', [...enter(service.name, unit.template), 'exec ./run', ''].join('\n'), 0o755);
    copyOriginal(unit, neighbours, files, note);
  }
  const inside = alone ? null : enter(service.name, unit.template);
  importFinish(service, inside, put, note);
  importCheck(service, inside, put, note);
  if (service.files.get('down') !== undefined) {
    put('flag-manual', '');
    note('changed', 'down', `is flag-manual, and the service is not in the bundle ${bundle}`);
  }
  for (const [path, file] of service.files) {
    if (alone && path.startsWith('env/')) copy(`${definition}/${path}`, file, path, files, note);
    if (path.startsWith('control/')) importControl(path, file, put, note);
  }
  importLog(service, definition, made, put, note);
  if (unit.template !== null) {
    const names = unit.instances.map(([original, name]) => `${original} is ${name}`).join(', ');
    note('changed', '.', `is the template ${definition}: ${names}`);
  }
}

type Put = (path: string, content: string | Uint8Array, mode?: number) => void;
type Note = (kind: ImportNote['kind'], file: string, message: string) => void;

/** All but what has a meaning of its own elsewhere. */
function copyOriginal(
  { service, definition, template }: Unit,
  neighbours: ReadonlyMap<string, string>,
  files: ImportedFile[],
  note: Note,
): void {
  for (const [path, file] of service.files) {
    if (path === 'down' || path.startsWith('log/') || path.startsWith('control/')) continue;
    const target = `${definition}/data/${homeOf(service.name, template)}/${path}`;
    const isRun = path === 'run';
    const script = isRun || isExecutable(file) ? textOf(file) : null;
    if (script === null) {
      copy(target, isRun && file.kind === 'file' ? { ...file, mode: file.mode | 0o755 } : file, path, files, note);
      continue;
    }
    const { text: rewritten, replaced, left } = rewriteSv(script, neighbours);
    files.push(textFile(target, rewritten, 0o755));
    for (const call of replaced)
      note('changed', path, `\`${call}\` is replaced by a write to supervise/control, which every supervisor reads`);
    for (const call of left) note('lost', path, `\`${call}\` needs runit: replace it by rc-change, or use -b runit`);
  }
  if (template !== null)
    note('changed', 'run', `finds its argument in the name of its directory, ${template}$RC_INSTANCE`);
}

function importFinish(service: RunitService, inside: readonly string[] | null, put: Put, note: Note): void {
  const finish = bytesOf(service, 'finish', note);
  if (finish === null) return;
  const lines = inside ?? ['#!/bin/sh', '# Imported from runit.'];
  const program = inside === null ? './data/finish' : './finish';
  // runsv says -1 where s6 says 256.
  put(
    'finish',
    [...lines, 'code=$1', '[ "$code" != 256 ] || code=-1', `exec ${program} "$code" "$2"`, ''].join('\n'),
    0o755,
  );
  if (inside === null) put('data/finish', finish, 0o755);
  note('changed', 'finish', 'gets its arguments as runsv gives them, from a script before it');
}

function importCheck(service: RunitService, inside: readonly string[] | null, put: Put, note: Note): void {
  const check = bytesOf(service, 'check', note);
  if (check === null) return;
  put('ready-check', inside === null ? check : [...inside, 'exec ./check', ''].join('\n'), 0o755);
}

function importControl(path: string, file: RunitFile, put: Put, note: Note): void {
  const script = textOf(file);
  const lines = (script ?? '').split('\n').filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
  const [line = '', ...more] = lines;
  const signal = more.length === 0 ? KILL.exec(line)?.[1] : undefined;
  if (path === 'control/t' && signal !== undefined) {
    put('down-signal', `${signal.toUpperCase().replace(/^SIG/, '')}\n`);
    note('changed', path, `is down-signal ${signal}`);
    return;
  }
  note('lost', path, 'no other supervisor runs a script for a control command: do it in run, or in finish');
}

/** What a runsv does with a logger beyond its run. */
const LOG_EXTRAS = /^log\/(finish|check|down|control\/.*)$/;

/** The classic directory of a logger. It stays where it was with what it writes: here it would lie in RAM. */
function importLog(service: RunitService, definition: string, made: ReadonlySet<string>, put: Put, note: Note): void {
  if (!service.files.has('log/run')) return;
  const logger = `${definition}-log`;
  if (made.has(logger)) {
    note('lost', 'log/run', `would be the service ${logger}, which there is already: give that another name`);
    return;
  }
  const run = bytesOf(service, 'log/run', note);
  if (run === null) return;
  for (const path of service.files.keys()) {
    if (LOG_EXTRAS.test(path)) note('lost', path, `a logger has only its run: see to it in ${logger}`);
  }
  const others = [...service.files.keys()].filter(
    (path) => path.startsWith('log/') && path !== 'log/run' && !LOG_EXTRAS.test(path),
  );
  const script = textOf(service.files.get('log/run')) ?? '';
  if (others.length === 0 && !/(^|\s)\.(\/|\s|$)/m.test(script)) {
    put('log/run', run, 0o755);
    return;
  }
  const [first = '', ...rest] = script.split('\n');
  if (!/^#!.*sh\b/.test(first)) {
    put('log/run', run, 0o755);
    note('lost', 'log/run', 'uses files beside it, and is no sh script: give it their whole paths');
    return;
  }
  const home = `'${service.path.replaceAll("'", "'\\''")}/log'`;
  put('log/run', [first, `cd ${home} || exit 111`, ...rest].join('\n'), 0o755);
  note('changed', 'log/run', `goes on working in ${service.path}/log`);
}

function copy(target: string, file: RunitFile, path: string, files: ImportedFile[], note: Note): void {
  switch (file.kind) {
    case 'file':
      files.push({ path: target, kind: 'file', bytes: file.bytes, mode: file.mode });
      break;
    case 'link':
      files.push({ path: target, kind: 'link', target: file.target });
      break;
    case 'other':
      note('lost', path, file.why);
      break;
  }
}

function isExecutable(file: RunitFile | undefined): boolean {
  return file?.kind === 'file' && (file.mode & 0o111) !== 0;
}

/** Of a script, whatever it is written in. Null if there is none, or none that can be had, which is told then. */
function bytesOf({ files }: RunitService, path: string, note: Note): Uint8Array | null {
  const file = files.get(path);
  switch (file?.kind) {
    case undefined:
      return null;
    case 'file':
      return file.bytes;
    case 'link':
      note('lost', path, `is a link to ${file.target}, which is no file`);
      return null;
    case 'other':
      note('lost', path, file.why);
      return null;
  }
}

/** Null if it is no text. */
function textOf(file: RunitFile | undefined): string | null {
  if (file?.kind !== 'file') return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file.bytes);
  } catch {
    return null;
  }
}
