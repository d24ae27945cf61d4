/** `rc-import runit DIR SOURCE`: the form that rc-import had when it knew one format, with the report that it had. */
import { resolve } from 'node:path';
import { showName } from '@muster/core/compile/names';
import type { ImportNote } from '@muster/import/runit/imported';
import { readRunitDirectory } from '@muster/import/runit/read-directory';
import { importRunit } from '@muster/import/runit/runit';
import { applyUpdate } from '@muster/import/write/update';
import { isFree } from '@muster/import/write/write-source';
import type { Call } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { print } from '../output.ts';
import { complain } from '../render/complain.ts';
import { counted } from '../render/count.ts';

const PROGRAM = 'rc-import';

/** `operands`: behind the format's name. */
export function importRunitToSource(call: Call, operands: readonly string[]): number {
  const [directory, target, ...more] = operands;
  if (directory === undefined || target === undefined || more.length > 0)
    return wrongUsage(PROGRAM, 'a form, a directory and a source to make are needed');
  const services = readRunitDirectory(resolve(directory));
  if (services === null) return complain(PROGRAM, `${directory} is no directory that can be read`, EXIT.failed);
  if (!isFree(target))
    return complain(PROGRAM, `${target} is there already, and not empty: name a new one`, EXIT.refused);
  const imported = importRunit(services);
  applyUpdate(target, imported.files, 'runit', { isNew: true, changes: [] });
  const lost = imported.notes.filter(({ kind }) => kind === 'lost');
  if (call.has('json')) {
    print(`${JSON.stringify({ version: 1, services: imported.services, notes: imported.notes })}\n`);
  } else {
    print(report(imported.notes));
    print(`imported ${counted(imported.services.length, 'service')} to ${target}; not mapped: ${lost.length}\n`);
  }
  return call.has('strict') && lost.length > 0 ? EXIT.failed : EXIT.success;
}

function report(notes: readonly ImportNote[]): string {
  return notes
    .map(({ kind, service, file, message }) => `${kind.padEnd(7)}  ${showName(service)}/${file}: ${message}\n`)
    .join('');
}
