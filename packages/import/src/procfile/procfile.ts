/**
 * A Procfile: `NAME: COMMAND`, one process a line, with the variables of `.env` beside it. As foreman does it, the first process
 * gets the port 5000 in `PORT`, the next one 5100, and so on; a `PORT` in `.env` is where the counting begins.
 */
import { dirname, join, resolve } from 'node:path';
import { failure, success } from '@muster/core/result';
import type { Account, OriginalFile } from '../account/account.ts';
import type { Directive } from '../account/directive.ts';
import { type EnvironmentLine, readEnvironmentFile } from '../env-file/env-file.ts';
import type { FileReader } from '../files/reader.ts';
import type { ImportFormat, ImportRequest } from '../format.ts';
import type { ServiceModel } from '../model/service.ts';
import { sourced } from '../model/value.ts';

const LINE = /^([A-Za-z0-9_-]+):\s*(\S.*)$/;
const FIRST_PORT = 5000;
const STEP = 100;

export const procfile: ImportFormat = {
  name: 'procfile',
  summary: 'a Procfile, with the .env beside it',
  choices: {},
  detect: (path, files) => /(^|\/)Procfile(\.\w+)?$/.test(path) && files.kindOf(path) === 'file',
  read(request, files, account) {
    const problems = [];
    const services: ServiceModel[] = [];
    for (const path of request.paths) {
      const read = files.text(path);
      if (!read.ok) problems.push({ file: path, message: read.problem, hint: 'name a Procfile' });
      else
        services.push(
          ...servicesIn(account.open(path, read.value), variablesFor(path, files, account), request, account),
        );
    }
    return problems.length > 0 ? failure(problems) : success({ kind: 'models', services, bundles: [] });
  },
};

function variablesFor(path: string, files: FileReader, account: Account): readonly EnvironmentLine[] {
  const beside = join(dirname(path), '.env');
  const read = files.text(beside);
  return read.ok ? readEnvironmentFile(beside, read.value, account) : [];
}

function servicesIn(
  file: OriginalFile,
  variables: readonly EnvironmentLine[],
  { here, environment }: ImportRequest,
  account: Account,
): ServiceModel[] {
  const directory = here ?? resolve(dirname(file.path));
  const said = variables.find(({ name }) => name === 'PORT');
  const first = Number(environment.get('PORT') ?? said?.value ?? FIRST_PORT);
  const found = new Map<string, { readonly from: Directive; readonly command: string }>();
  for (const [at, line] of file.lines.entries()) {
    if (line.startsWith('#')) file.skip(at + 1);
    const [, name, command] = LINE.exec(line) ?? [];
    if (name === undefined || command === undefined) continue;
    const from = file.directive({ line: at + 1, section: '', key: name, value: command });
    const before = found.get(name);
    if (before !== undefined) account.settle([before.from], { result: 'ignored', message: 'overridden' });
    found.set(name, { from, command });
  }
  return [...found].map(([name, { from, command }], at) => ({
    name,
    kind: 'longrun',
    header: null,
    instances: null,
    run: sourced({ kind: 'shell', line: command }, from),
    environment: [
      ...variables
        .filter((variable) => variable !== said)
        .map(({ name, value, from }) => sourced([name, value] as const, from)),
      sourced(['PORT', String(first + at * STEP)] as const, said?.from ?? null),
    ],
    settings: { workingDirectory: sourced(directory, null) },
    relations: [],
    stdout: null,
    stderr: null,
    manual: sourced(false, null),
  }));
}
