import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFifo } from '@muster/posix/fifo';
import { writeFile } from '@muster/store/write-file';
import { afterAll, expect, test } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'muster-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

test('a file is replaced; a FIFO, a directory and a link to either are left as they are', () => {
  const at = (name: string) => join(directory, name);
  writeFile(at('file'), Buffer.from('one'));
  writeFile(at('file'), Buffer.from('two'));
  expect(readFileSync(at('file'), 'latin1')).toBe('two');

  makeFifo(at('fifo'), 0o600);
  mkdirSync(at('directory'));
  symlinkSync('fifo', at('link'));
  for (const [name, code] of Object.entries({ fifo: 'EEXIST', directory: 'EISDIR', link: 'EEXIST' })) {
    const before = lstatSync(at(name)).ino;
    expect(() => writeFile(at(name), Buffer.from('x')), name).toThrow(code);
    expect(lstatSync(at(name)).ino, name).toBe(before);
  }
  expect(readdirSync(directory).sort()).toEqual(['directory', 'fifo', 'file', 'link']);
});

test('a symbolic link stays, and what it leads to is replaced, whether it is there yet or not', () => {
  const place = join(directory, 'links');
  mkdirSync(join(place, 'data'), { recursive: true });
  symlinkSync('data/second', join(place, 'first'));
  symlinkSync('third', join(place, 'data/second'));
  for (const text of ['one', 'two']) {
    writeFile(join(place, 'first'), Buffer.from(text));
    expect(readFileSync(join(place, 'data/third'), 'latin1')).toBe(text);
  }
  expect(readlinkSync(join(place, 'first'))).toBe('data/second');
  expect(readlinkSync(join(place, 'data/second'))).toBe('third');
  expect(readdirSync(join(place, 'data')).sort()).toEqual(['second', 'third']);

  symlinkSync('round', join(place, 'round'));
  expect(() => writeFile(join(place, 'round'), Buffer.from('x'))).toThrow('ELOOP');
});

test('a path that cannot be a file is refused, and leaves nothing behind', () => {
  const place = join(directory, 'slash');
  mkdirSync(place);
  expect(() => writeFile(`${place}/new/`, Buffer.from('x'))).toThrow(/ENOENT|ENOTDIR/);
  expect(readdirSync(place)).toEqual([]);
});
