import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Peek } from '@muster/posix/peek';
import { expect, test } from 'vitest';

test('what is in a pipe is seen and stays there', () => {
  const root = mkdtempSync(join(tmpdir(), 'muster-peek-'));
  const fifo = join(root, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const writer = openSync(fifo, 'r+');
  const reader = openSync(fifo, 'r');
  const peek = new Peek(reader);
  const seen = new Uint8Array(8);
  expect(peek.look(seen)).toBe(null);
  writeSync(writer, 'one');
  writeSync(writer, ' and more');
  expect(peek.look(seen)).toBe(8);
  expect(peek.look(seen)).toBe(8);
  expect(Buffer.from(seen).toString()).toBe('one and ');
  const taken = Buffer.alloc(12);
  expect(readSync(reader, taken)).toBe(12);
  expect(taken.toString()).toBe('one and more');
  closeSync(writer);
  expect(peek.look(seen)).toBe(0);
  closeSync(reader);
  rmSync(root, { recursive: true });
});
