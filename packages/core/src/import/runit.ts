/**
 * From runit's service directories to a source.
 *
 *     run            run, as it is if it stands alone; else a script that enters data/NAME, where the original files are
 *     finish         finish, with runsv's arguments
 *     check          ready-check
 *     down           flag-manual, and not in the bundle `default`, which holds all others
 *     log/           log/, which becomes the service NAME-log
 *     env/           env/, and beside the original files
 *     control/t      down-signal, if it does nothing but send a signal; other control scripts cannot be mapped
 *     links          several names for one directory become a template, if the names have a beginning in common
 */
import type { Imported, ImportedFile, ImportNote } from './imported.ts';
import type { RunitFile, RunitService } from './runit-directory.ts';
import { enter, homeOf, rewriteSv, standsAlone } from './runit-scripts.ts';

const UTF8 = new TextEncoder();
const DEFAULT = 'default';
/** In `kill -s USR1 …` and `kill -INT …`, as all that a control script does. */
const KILL = /^\s*kill\s+(?:-s\s+)?-?([A-Za-z0-9]+)\s+[^;&|]*$/;

interface Unit {
  readonly service: RunitService;
  /** The definition's name: `getty@` for a template. */
  readonly definition: string;
  /** What stands before the argument in the original names; null: no template. */
  readonly template: string | null;
  /** Names of the services that it makes, each with the original one. */
  readonly instances: readonly (readonly [original: string, made: string])[];
}

/** Imports what `services` holds; nothing is read or written. */
export function importRunit(services: readonly RunitService[]): Imported {
  const files: ImportedFile[] = [];
  const notes: ImportNote[] = [];
  const units = unitsOf(services.filter((service) => service.files.get('run') !== undefined));
  const neighbours = new Map(units.flatMap(({ instances }) => instances));
  for (const service of services) {
    if (service.files.get('run') === undefined) {
      notes.push({ kind: 'lost', service: service.name, file: 'run', message: 'there is none, so this is no service' });
    }
  }
  for (const unit of units) importUnit(unit, neighbours, files, notes);
  const enabled = units.filter(({ service }) => service.files.get('down') === undefined);
  files.push(text(`${DEFAULT}/type`, 'bundle\n'));
  for (const { instances } of enabled) {
    for (const [, made] of instances) files.push(text(`${DEFAULT}/contents.d/${made}`, ''));
  }
  return { files, notes, services: units.flatMap(({ instances }) => instances.map(([, made]) => made)) };
}

/** Links to one directory whose names begin alike are the instances of one template. */
function unitsOf(services: readonly RunitService[]): Unit[] {
  const units: Unit[] = [];
  for (const service of services.filter(({ aliasOf }) => aliasOf === null)) {
    const aliases = services.filter(({ aliasOf }) => aliasOf === service.name).map(({ name }) => name);
    const names = [service.name, ...aliases];
    const template = aliases.length === 0 ? null : commonBeginning(names);
    if (template !== null) {
      const definition = `${template.slice(0, -1)}@`;
      const instances = names.map((name) => [name, `${definition}${name.slice(template.length)}`] as const);
      units.push({ service, definition, template, instances });
      continue;
    }
    for (const name of names) {
      const own = name === service.name ? service : { ...service, name };
      units.push({ service: own, definition: name, template: null, instances: [[name, name]] });
    }
  }
  return units;
}

/** `getty_` of `getty_tty1` and `getty_tty2`; null if the names have no such beginning. */
function commonBeginning(names: readonly string[]): string | null {
  const match = /^(.+?[-_.])./.exec(names[0]!);
  return match !== null && names.every((name) => name.startsWith(match[1]!) && name !== match[1]) ? match[1]! : null;
}

function importUnit(
  unit: Unit,
  neighbours: ReadonlyMap<string, string>,
  files: ImportedFile[],
  notes: ImportNote[],
): void {
  const { service, definition } = unit;
  const note = (kind: ImportNote['kind'], file: string, message: string) =>
    notes.push({ kind, service: service.name, file, message });
  const put = (path: string, content: string, mode = 0o644) => files.push(text(`${definition}/${path}`, content, mode));

  put('type', 'longrun\n');
  const run = textOf(service.files.get('run'));
  const alone = run !== null && unit.template === null && standsAlone(service, run);
  if (alone) put('run', run, 0o755);
  else {
    put('run', [...enter(service.name, unit.template), 'exec ./run', ''].join('\n'), 0o755);
    copyOriginal(unit, neighbours, files, note);
  }
  const inside = alone ? null : enter(service.name, unit.template);
  importFinish(service, inside, put, note);
  importCheck(service, inside, put);
  if (service.files.get('down') !== undefined) {
    put('flag-manual', '');
    note('changed', 'down', `is flag-manual, and the service is not in the bundle ${DEFAULT}`);
  }
  for (const [path, file] of service.files) {
    if (path.startsWith('env/')) copy(`${definition}/${path}`, file, path, files, note);
    if (path.startsWith('control/')) importControl(path, file, put, note);
  }
  importLog(service, definition, files, note);
  if (unit.template !== null) {
    const made = unit.instances.map(([original, name]) => `${original} is ${name}`).join(', ');
    note('changed', '.', `is the template ${definition}: ${made}`);
  }
}

type Put = (path: string, content: string, mode?: number) => void;
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
    const script = file.kind === 'file' && file.executable ? textOf(file) : null;
    if (script === null) {
      copy(target, file, path, files, note);
      continue;
    }
    const { text: rewritten, replaced, left } = rewriteSv(script, neighbours);
    files.push(text(target, rewritten, 0o755));
    for (const call of replaced)
      note('changed', path, `\`${call}\` writes to supervise/control instead, as any supervisor reads it`);
    for (const call of left) note('lost', path, `\`${call}\` needs runit: replace it by rc-change, or use -b runit`);
  }
  if (template !== null)
    note('changed', 'run', `finds its argument in the name of its directory, ${template}$RC_INSTANCE`);
}

function importFinish(service: RunitService, inside: readonly string[] | null, put: Put, note: Note): void {
  const finish = textOf(service.files.get('finish'));
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

function importCheck(service: RunitService, inside: readonly string[] | null, put: Put): void {
  const check = textOf(service.files.get('check'));
  if (check === null) return;
  put('ready-check', inside === null ? check : [...inside, 'exec ./check', ''].join('\n'), 0o755);
}

function importControl(path: string, file: RunitFile, put: Put, note: Note): void {
  const script = textOf(file);
  const lines = (script ?? '').split('\n').filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
  const signal = lines.length === 1 ? KILL.exec(lines[0]!)?.[1] : undefined;
  if (path === 'control/t' && signal !== undefined) {
    put('down-signal', `${signal.toUpperCase().replace(/^SIG/, '')}\n`);
    note('changed', path, `is down-signal ${signal}`);
    return;
  }
  note('lost', path, 'no other supervisor runs a script for a control command: do it in run, or in finish');
}

/** The classic directory of a logger. It stays where it was with what it writes: here it would lie in RAM. */
function importLog(service: RunitService, definition: string, files: ImportedFile[], note: Note): void {
  const run = service.files.get('log/run');
  if (run === undefined) return;
  const script = textOf(run);
  if (run.kind !== 'file' || script === null) {
    note('lost', 'log/run', run.kind === 'link' ? `is a link to ${run.target}: copy it there` : 'is no text');
    return;
  }
  const others = [...service.files.keys()].filter((path) => path.startsWith('log/') && path !== 'log/run');
  if (others.length === 0 && !/(^|\s)\.(\/|\s|$)/m.test(script)) {
    files.push(text(`${definition}/log/run`, script, 0o755));
    return;
  }
  const [first = '', ...rest] = script.split('\n');
  if (!/^#!.*sh\b/.test(first)) {
    files.push(text(`${definition}/log/run`, script, 0o755));
    note('lost', 'log/run', 'uses files beside it, and is no sh script: give it their whole paths');
    return;
  }
  const home = `'${service.path.replaceAll("'", "'\\''")}/log'`;
  files.push(text(`${definition}/log/run`, [first, `cd ${home} || exit 111`, ...rest].join('\n'), 0o755));
  note('changed', 'log/run', `goes on working in ${service.path}/log`);
}

function copy(target: string, file: RunitFile, path: string, files: ImportedFile[], note: Note): void {
  switch (file.kind) {
    case 'file':
      files.push({ path: target, kind: 'file', bytes: file.bytes, mode: file.executable ? 0o755 : 0o644 });
      break;
    case 'link':
      files.push({ path: target, kind: 'link', target: file.target });
      break;
    case 'other':
      note('lost', path, file.why);
      break;
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

function text(path: string, content: string, mode = 0o644): ImportedFile {
  return { path, kind: 'file', bytes: UTF8.encode(content), mode };
}
