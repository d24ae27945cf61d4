/** The runtime, and what else this project's code may not know of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { errno, libc, libcWithPointers } from '@muster/posix/libc';
import { makePipe } from '@muster/posix/pipe';
import { runtime } from '@muster/posix/runtime/runtime';
import { expect, test } from 'vitest';

const PACKAGES = join(import.meta.dirname, '../../..');

test('one folder names the runtime: everything else is written in the language and for node: modules', () => {
  const sources = readdirSync(PACKAGES).flatMap((name) => sourcesOf(join(PACKAGES, name, 'src')));
  expect(sources.length).toBeGreaterThan(200);
  const naming = sources.filter((path) => /\bBun\.(?!$)\w|['"]bun(:\w+)?['"]/m.test(codeOf(path)));
  expect(naming.map((path) => relative(PACKAGES, path))).toEqual(['posix/src/runtime/bun.ts']);
});

function sourcesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(directory, name));
}

/** Comments may tell what Bun does. */
function codeOf(path: string): string {
  return readFileSync(path, 'utf8').replaceAll(/^\s*(\/?\*|\/\/).*$/gm, '');
}

test('an error of a call is known after it, and its success is a plain number', () => {
  expect(libc().close(-1)).toBe(-1);
  expect(errno()).toBe(9);
  expect(libc().getpgid(0)).toBeGreaterThan(0);
  expect(libc().syscall(-1, 0, 0, 0, 0, 0)).toBe(-1);
  expect(errno()).toBe(38);
  expect(libcWithPointers().syscall(-1, 0, null, 0)).toBe(-1);
});

test('a result as large as an address is a plain number too, and leads to memory', () => {
  const written = Buffer.from('some bytes, more than fit into a cell of the heap\0');
  const address = runtime.addressOf(written);
  expect(Number.isSafeInteger(address)).toBe(true);
  expect(Buffer.from(runtime.memoryAt(address + 5, 5)).toString()).toBe('bytes');
  const found = libc().dlsym(0, Buffer.from('close\0'));
  expect(found).toBeGreaterThan(2 ** 32);
});

test('what comes from a descriptor is told as it comes, and then its end', async () => {
  const { reading, writing } = makePipe();
  const chunks = runtime.chunksOf(reading);
  const { writeSync } = await import('node:fs');
  writeSync(writing, 'one');
  expect(Buffer.from((await chunks.next())!).toString()).toBe('one');
  const later = chunks.next();
  writeSync(writing, 'two');
  expect(Buffer.from((await later)!).toString()).toBe('two');
  libc().close(writing);
  expect(await chunks.next()).toBe(null);
});

test('a wait for more can be ended', async () => {
  const { reading, writing } = makePipe();
  const chunks = runtime.chunksOf(reading);
  const waiting = chunks.next();
  await chunks.cancel();
  expect(await waiting).toBe(null);
  libc().close(writing);
});

test('hashes do not depend on how what is hashed is divided, and are those of everybody', () => {
  const whole = Buffer.from(runtime.sha256(Buffer.from('abc'))).toString('hex');
  expect(whole).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(Buffer.from(runtime.sha256(Buffer.from('a'), Buffer.from('bc'))).toString('hex')).toBe(whole);
  expect(runtime.quickHash('abc')).toBe(runtime.quickHash(Buffer.from('abc')));
  expect(runtime.quickHash('abc')).not.toBe(runtime.quickHash('abc', 1n));
});

test('columns are those of a terminal', () => {
  expect(['a', '日', ''].map(runtime.columnsOf)).toEqual([1, 2, 0]);
});
