import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
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
