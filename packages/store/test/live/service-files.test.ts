import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as table from '@muster/store/live/service-files';
import { expect, test } from 'vitest';

const { isKeptByOthers, ownerOf } = table;

test.each([
  ['run', 'author'],
  ['data/conf/a', 'author'],
  ['down', 'generated'],
  ['control/d', 'generated'],
  ['supervise/service-lock', 'tree'],
  ['event/ftrig1:@', 'tree'],
  ['.muster/deaths', 'driver'],
  ['answer', 'driver'],
  ['status.new', 'driver'],
  ['core', undefined],
])('%s belongs to %s', (path, owner) => {
  expect(ownerOf(path)).toBe(owner);
  expect(isKeptByOthers(path)).toBe(owner === 'tree' || owner === 'driver');
});

test('every name in the table has an owner', () => {
  const names = namesInTable();
  expect(names.length).toBeGreaterThan(40);
  expect(names.filter((name) => ownerOf(name) === undefined)).toEqual([]);
});

const PACKAGES = join(import.meta.dirname, '../../..');
/** The table itself, and the fields of a database, which have the names that a source has. */
const NAMING = ['store/src/live/service-files.ts', 'store/src/database/definition-form.ts'];
/** Files that mean something else by such a name, and what that is. */
const OTHERS: Readonly<Record<string, string>> = {
  'cli/src/commands/serve.ts: notification-fd': 'a file of the definition that rc-serve --install writes',
  'cli/src/commands/serve.ts: run': 'another one',
  'cli/src/commands/svscan.ts: notification-fd': 'an option of rc-svscan',
  'posix/src/process.ts: status': '/proc/PID/status',
  'supervisors/src/embedded/channel-client.ts: event': 'the directory of the channel',
  'tree/src/channel.ts: event': 'the directory of the channel',
};

test('no other file has one of these names as a literal', () => {
  const files = everySource();
  expect(files.length).toBeGreaterThan(250);
  const found = files.flatMap((file) => {
    const retyped = retypedIn(readFileSync(join(PACKAGES, file), 'utf8'));
    return retyped.map((literal) => `${file}: ${literal}`);
  });
  expect(found.sort()).toEqual(Object.keys(OTHERS));
});

const D = '$' + '{directory}';
test.each([
  ["add('notification-fd', 3)", ['notification-fd']],
  [`open(\`${D}/supervise/control\`)`, ['supervise', 'supervise/control']],
  [`open(\`${D}/status\`)`, ['status']],
  ["open(join(directory, 'run'))", ['run']],
  ['const lines = [`touch .muster/deaths`]', ['.muster/deaths']],
  [`const state = 'finish'; // not \`${D}/run\``, []],
  ["warn('invalid notification-fd')", []],
  ["import { isSuccess } from '@muster/protocol/success-codes';", []],
])('%s: such a literal is found', (text, found) => {
  expect(retypedIn(text).sort()).toEqual(found);
});

function namesInTable(): string[] {
  const values = Object.values(table).flatMap((value): unknown[] => {
    return typeof value === 'object' ? Object.values(value) : [value];
  });
  return values.filter((value) => typeof value === 'string').filter((name) => !name.startsWith('.argv'));
}

/** The compiler, which may know no other package, has the names of files in a source, which are some of these. */
function everySource(): string[] {
  // These two speak of sources, whose files have the same names.
  const packages = readdirSync(PACKAGES).filter((name) => name !== 'core' && name !== 'import');
  const files = packages.flatMap((name) =>
    readdirSync(join(PACKAGES, name, 'src'), { recursive: true, encoding: 'utf8' }).map((file) =>
      join(name, 'src', file),
    ),
  );
  return files.filter((file) => file.endsWith('.ts') && !NAMING.includes(file));
}

/**
 * Names that mean nothing else count as whole literals and as ends of paths; those that are words of their own (`run`, `status`)
 * only where a path is made of them.
 */
function retypedIn(source: string): string[] {
  // What is imported is the name of a module.
  const text = source.replaceAll(/^import .*?;$/gms, '').replaceAll(/\/\*.*?\*\/|^\s*\/\/.*?$|;\s*\/\/.*?$/gms, '');
  // Every FIFO by which something is told is called `control`.
  const names = namesInTable().filter((name) => name !== table.CONTROL_DIRECTORY);
  return names.filter((name) => literalOf(name).test(text));
}

function literalOf(name: string): RegExp {
  const literal = name.replaceAll('.', '\\.');
  if (name.includes('/')) return new RegExp(`['"\`/ <>]${literal}['"\`/ .]`);
  const isWord = /^[a-z]+$/.test(name) && name !== table.SUPERVISE;
  return new RegExp(isWord ? `\\}/${literal}[\`/]|join\\([^()]*, '${literal}'\\)` : `['"\`/]${literal}['"\`/]`);
}
