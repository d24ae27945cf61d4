/** Whatever is written to the FIFO for requests, requests come out whole, and nothing else is kept. */
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFifo } from '@muster/posix/fifo';
import type { Request } from '@muster/protocol/oneshots/protocol';
import { RequestPipe } from '@muster/tree/oneshots/request-pipe';
import { afterEach, beforeEach, expect, test } from 'vitest';

let root: string;
let pipe: RequestPipe;
let writer: number;
let look: () => void;
let asked: Request[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-requests-'));
  const path = join(root, 'control');
  makeFifo(path, 0o600);
  asked = [];
  pipe = new RequestPipe(path, {
    watch: (_, ready) => {
      look = () => ready(1);
    },
    unwatch: () => {},
  });
  pipe.listen((request) => asked.push(request));
  writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
});
afterEach(() => {
  closeSync(writer);
  pipe.close();
  rmSync(root, { recursive: true });
});

function write(bytes: string | Uint8Array): void {
  writeSync(writer, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  look();
}

const names = () => asked.map(({ name }) => name);

test('requests may come in pieces, also of a character', () => {
  const bytes = Buffer.from('up 1 - wéb\ndown 2 - mail\n');
  const middle = bytes.indexOf(0xc3) + 1;
  write(bytes.subarray(0, middle));
  expect(names()).toEqual([]);
  write(bytes.subarray(middle));
  expect(names()).toEqual(['wéb', 'mail']);
});

test('a line that never ends is not kept, and is no request when it ends after all', () => {
  write('up 1 - ');
  for (let count = 0; count < 100; count++) write('x'.repeat(60_000));
  write('\nup 2 - web\n');
  expect(names()).toEqual(['web']);
});

test('a line is too long beyond what arrives in one piece', () => {
  const request = (name: string) => `up 1 - ${name}\n`;
  const longest = 'x'.repeat(4096 - request('').length + 1);
  write(request(`${longest}x`));
  write(request(longest));
  expect(names()).toEqual([longest]);
});
