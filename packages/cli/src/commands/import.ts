/** rc-import: service directories of another supervisor become a source. */
import { resolve } from 'node:path';
import { showName } from '@muster/core/compile/names';
import type { ImportNote } from '@muster/core/import/imported';
import { importRunit } from '@muster/core/import/runit';
import { readRunitDirectory } from '@muster/store/import/runit-directory';
import { isFree, writeSource } from '@muster/store/import/write-source';
import type { Call, Command } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { print } from '../output.ts';
import { complain } from '../render/complain.ts';
import { counted } from '../render/count.ts';

const PROGRAM = 'rc-import';

export const command: Command = {
  summary: 'Makes a source of the service directories of another supervisor',
  operands: 'runit DIR SOURCE',
  options: {
    strict: { help: 'exit 1 if something could not be mapped' },
    json: { help: 'the report as JSON' },
  },
  examples: [['rc-import runit /etc/sv source', 'every service directory in /etc/sv becomes source/NAME']],
  run,
};

function run(call: Call): number {
  const [form, directory, target, ...more] = call.operands;
  if (form === undefined || directory === undefined || target === undefined || more.length > 0) {
    return wrongUsage(PROGRAM, 'a form, a directory and a source to make are needed');
  }
  if (form !== 'runit') return wrongUsage(PROGRAM, `'${form}' is no form that can be imported: runit`);
  const services = readRunitDirectory(resolve(directory));
  if (services === null) return complain(PROGRAM, `${directory} is no directory that can be read`, EXIT.failed);
  if (!isFree(target))
    return complain(PROGRAM, `${target} is there already, and not empty: name a new one`, EXIT.refused);
  const imported = importRunit(services);
  writeSource(target, imported.files);
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
