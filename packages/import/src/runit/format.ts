/** runit's service directories as a format: each file of each directory is one directive. */
import { resolve } from 'node:path';
import { failure, success } from '@muster/core/result';
import type { Account } from '../account/account.ts';
import type { Directive } from '../account/directive.ts';
import type { ImportFormat } from '../format.ts';
import type { Imported } from './imported.ts';
import { readRunitDirectory } from './read-directory.ts';
import { importRunit } from './runit.ts';
import type { RunitService } from './runit-directory.ts';

export const runit: ImportFormat = {
  name: 'runit',
  summary: "a directory of runit's service directories",
  choices: {},
  detect(path, files) {
    const names = files.list(path) ?? [];
    return names.some((name) => files.kindOf(`${path}/${name}/run`) === 'file');
  },
  read({ paths }, _files, account) {
    const problems = [];
    const services: RunitService[] = [];
    for (const path of paths) {
      const read = readRunitDirectory(resolve(path));
      if (read === null)
        problems.push({ file: path, message: 'is no directory that can be read', hint: 'name one like /etc/sv' });
      else services.push(...read);
    }
    if (problems.length > 0) return failure(problems);
    const imported = importRunit(services);
    settle(services, imported, account);
    return success({ kind: 'source', files: imported.files, services: imported.services });
  },
};

function settle(services: readonly RunitService[], { notes }: Imported, account: Account): void {
  const directives = new Map<string, Directive>();
  for (const { name, path, files } of services) {
    const whole = account.open(path, '').directive({ line: 1, section: name, key: '.', value: '' });
    directives.set(`${name}/.`, whole);
    for (const [key, file] of files) {
      const original = account.open(`${path}/${key}`, file.kind === 'file' ? new TextDecoder().decode(file.bytes) : '');
      const lines = Math.max(1, original.lines.length);
      directives.set(`${name}/${key}`, original.directive({ line: 1, lines, section: name, key, value: '' }));
    }
  }
  for (const { kind, service, file, message } of notes) {
    const directive = directives.get(`${service}/${file}`) ?? directives.get(`${service}/.`);
    const result = kind === 'lost' ? 'told' : 'changed';
    if (directive !== undefined) account.settle([directive], { result, service, message });
  }
  for (const directive of directives.values()) {
    if (account.isSettled(directive)) continue;
    account.settle([directive], { result: 'taken', service: directive.section, into: [directive.key] });
  }
}
