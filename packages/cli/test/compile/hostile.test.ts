/** Sources that somebody made to do harm, or by accident: a clear diagnostic or a right result, and never a hang. */

import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { compile } from '@muster/core/compile/compile';
import { CODES } from '@muster/core/diagnostics/codes';
import { serviceId } from '@muster/core/model/database';
import { BOUNDED } from '@muster/posix/test/bounded';
import { decode } from '@muster/store/database/decode';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { readSource } from '@muster/store/source-tree/read';
import { afterAll, expect, test } from 'vitest';
import { callCommand } from '../../src/arguments/call.ts';
import { makeTree, type Tree, temporaryDirectory } from './trees.ts';

const directory = temporaryDirectory();
afterAll(() => {
  rmSync(directory, { recursive: true });
});

let count = 0;

function sourceWith(tree: Tree): string {
  const source = join(directory, `source-${count++}`);
  makeTree(source, tree);
  return source;
}

function codesOf(source: string): string[] {
  return compile([readSource(source)], { encoding: definitionEncoding }).diagnostics.map(({ code }) => code);
}

const LONGRUN = { 'l/type': 'longrun\n', 'l/run': '#!/bin/sh\n' };

test('links that lead in a circle are reported where they are read, and copied where they are data', () => {
  const source = sourceWith({
    ...LONGRUN,
    'l/data/self': { link: 'self' },
    'l/data/up': { link: '..' },
    'l/finish': { link: 'finish' },
    round: { link: 'round' },
    back: { link: '.' },
  });
  expect(codesOf(source)).toEqual([CODES['missing-type'], CODES.unreadable, CODES.unreadable]);
  const said = compile([readSource(source)], { encoding: definitionEncoding }).diagnostics.at(-1)!;
  expect(said.message).toBe('it cannot be read: symbolic links lead in a circle (ELOOP)');
  expect(said.hint).toBe('correct it, or remove it');
  rmSync(join(source, 'l/finish'));
  rmSync(join(source, 'round'));
  rmSync(join(source, 'back'));
  const { database } = compile([readSource(source)], { encoding: definitionEncoding });
  const definition = database!.definition(serviceId(0));
  expect(definition.type === 'longrun' && definition.files.filter(({ kind }) => kind === 'link')).toEqual([
    { kind: 'link', path: 'data/self', target: 'self' },
    { kind: 'link', path: 'data/up', target: '..' },
  ]);
});

test('FIFOs, sockets and devices are named, and nothing waits for them', async () => {
  const source = sourceWith({ ...LONGRUN, 'l/data/x': '', 'o/type': 'oneshot\n', 'z/type': 'oneshot\n' });
  spawnSync(
    'mkfifo',
    ['l/data/fifo', 'l/notification-fd', 'o/up'].map((path) => join(source, path)),
  );
  symlinkSync('/dev/zero', join(source, 'z/up'));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(source, 'l/env'), resolve));
  expect(codesOf(source)).toEqual(Array(5).fill(CODES['special-file']));
  server.close();
});

const staysRoot = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).error !== undefined;
if (staysRoot) console.log('skipped: files that may not be read, since root reads all and there is no setpriv here');

test.skipIf(staysRoot)('files that may not be read are reported', () => {
  const source = sourceWith({ ...LONGRUN, 'l/data/secret': 'x', 'locked/type': 'bundle\n' });
  chmodSync(join(source, 'l/data/secret'), 0);
  chmodSync(join(source, 'locked'), 0);
  chmodSync(directory, 0o755);
  const bun = process.execPath;
  const main = join(import.meta.dirname, '../../src/main.ts');
  const asNobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  const [program, ...rest] = [...asNobody, bun, main, 'compile', '--check', '--json', source];
  const ran = spawnSync(program!, rest, { ...BOUNDED, encoding: 'utf8' });
  const codes = JSON.parse(ran.stdout).diagnostics.map(({ code }: { code: string }) => code);
  expect(codes).toEqual([CODES.unreadable, CODES.unreadable]);
  expect(ran.status).toBe(1);
  chmodSync(join(source, 'locked'), 0o755);
});

test('a script of 50 MB is kept byte by byte', () => {
  const script = Buffer.alloc(50 * 1024 * 1024, '#!/bin/sh\n# padding\n');
  const source = sourceWith(LONGRUN);
  writeFileSync(join(source, 'l/run'), script);
  const definition = compile([readSource(source)], { encoding: definitionEncoding }).database!.definition(serviceId(0));
  const run = definition.type === 'longrun' && definition.files.find(({ path }) => path === 'run');
  expect(run && run.kind === 'file' && Buffer.compare(run.content, script)).toBe(0);
});

test('names that mean something elsewhere are just names', async () => {
  const names = [
    '__proto__',
    'constructor',
    '-rf',
    '--help',
    '...x',
    ' ',
    '$(reboot)',
    '%i',
    '*',
    'a\tb',
    '\u202e',
    '~',
  ].filter((name) => !name.startsWith('.'));
  const tree: Record<string, string> = {};
  for (const name of names) {
    Object.defineProperty(tree, `${name}/type`, { value: 'oneshot\n', enumerable: true });
    tree[`${name}/up`] = 'true\n';
  }
  const source = sourceWith(tree);
  const compiled = join(directory, 'names');
  expect(await callCommand('rc-compile', [source, compiled])).toBe(0);
  const decoded = decode(readFileSync(compiled));
  expect(decoded.ok && [...decoded.value.database.names].sort()).toEqual([...names].sort());
});

test('a name that is not UTF-8 is refused wherever it stands', () => {
  const source = sourceWith({ ...LONGRUN, 'l/data/x': '', 'l/dependencies.d': null });
  const nasty = Buffer.from([0x62, 0xff, 0x61]);
  for (const parent of ['', 'l/data/', 'l/dependencies.d/'])
    mkdirSync(Buffer.concat([Buffer.from(`${source}/${parent}`), nasty]));
  const codes = codesOf(source);
  expect(codes.filter((code) => code === CODES['not-utf8'])).toHaveLength(3);
});

test('a directory that changes while it is read compiles, or says so', async () => {
  const tree: Record<string, string> = {};
  for (let i = 0; i < 40; i++) Object.assign(tree, { [`s${i}/type`]: 'oneshot\n', [`s${i}/up`]: 'true\n' });
  const source = sourceWith(tree);
  const stir = `cd ${source}; i=0; while [ $i -lt 400 ]; do mv s$((i%40)) t 2>/dev/null; mv t s$((i%40)); i=$((i+1)); done`;
  const stirring = spawn('sh', ['-c', stir]);
  let running = true;
  const ended = new Promise<void>((resolve) =>
    stirring.on('exit', () => {
      running = false;
      resolve();
    }),
  );
  const seen = new Set<string>();
  const allowed: string[] = [CODES.vanished, CODES['missing-type'], CODES['missing-up'], CODES.unreadable];
  for (let rounds = 0; running && rounds < 200; rounds++) {
    for (const code of codesOf(source)) seen.add(code);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
  expect([...seen].filter((code) => !allowed.includes(code))).toEqual([]);
  expect(codesOf(source)).toEqual([]);
});

test('nothing is written but the file that was asked for, and that only if everything compiled', async () => {
  const source = sourceWith({ 'o/type': 'oneshot\n', 'o/up': 'true\n' });
  const place = join(directory, 'place');
  mkdirSync(place);
  const compiled = join(place, 'compiled');
  expect(await callCommand('rc-compile', [source, compiled])).toBe(0);
  const before = readFileSync(compiled);
  writeFileSync(join(source, 'o/type'), 'nonsense\n');
  expect(await callCommand('rc-compile', [source, compiled])).toBe(1);
  expect(readFileSync(compiled)).toEqual(before);
  expect(readdirSync(place)).toEqual(['compiled']);
  renameSync(compiled, join(place, 'other'));
  mkdirSync(compiled);
  writeFileSync(join(source, 'o/type'), 'oneshot\n');
  expect(await callCommand('rc-compile', [source, compiled])).toBe(111);
  expect(readdirSync(place).sort()).toEqual(['compiled', 'other']);
});

test('a tree as deep as a path may be long is read', () => {
  const source = sourceWith({ ...LONGRUN, 'l/data/x': '' });
  const deep = spawnSync('sh', [
    '-c',
    `cd ${source}/l/data; i=0; n=aaaaaaaaaaaaaaaaaaaaaaaaa; while [ $i -lt 200 ]; do mkdir $n; cd $n; i=$((i+1)); done`,
  ]);
  expect(deep.status).toBe(0);
  const { database } = compile([readSource(source)], { encoding: definitionEncoding });
  const definition = database!.definition(serviceId(0));
  const paths = definition.type === 'longrun' ? definition.files.map(({ path }) => path.length) : [];
  expect(Math.max(...paths)).toBeGreaterThan(4000);
  spawnSync('rm', ['-rf', join(source, 'l/data')]);
});
