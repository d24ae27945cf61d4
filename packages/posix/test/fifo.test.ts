/** FIFOs, which never make anybody wait, whatever is in their place. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  enlargePipe,
  ensureFifo,
  isRead,
  makeFifo,
  openFifoForReading,
  openFifoForWriting,
  unreadIn,
  writeFifo,
} from '@muster/posix/fifo';
import { hasUnread, withdrawOrders } from '@muster/posix/unread-orders';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let root: string;
let fifo: string;
const open: number[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-fifo-'));
  fifo = join(root, 'fifo');
});
afterEach(() => {
  for (const descriptor of open.splice(0)) closeSync(descriptor);
  rmSync(root, { recursive: true });
});

function reader(): number {
  const descriptor = openFifoForReading(fifo);
  open.push(descriptor);
  return descriptor;
}

function readFrom(descriptor: number): string {
  const bytes = Buffer.alloc(1024 * 1024);
  return bytes.toString('latin1', 0, readSync(descriptor, bytes));
}

describe('making one', () => {
  test('fails if something is there', () => {
    makeFifo(fifo, 0o600);
    expect(lstatSync(fifo).isFIFO()).toBe(true);
    expect(() => makeFifo(fifo, 0o600)).toThrow(`mkfifo ${fifo}: EEXIST`);
    expect(() => makeFifo(join(root, 'missing/fifo'), 0o600)).toThrow('ENOENT');
  });

  test.each<[string, () => void]>([
    ['nothing', () => {}],
    ['a file', () => writeFileSync(fifo, 'text')],
    ['a directory with something in it', () => mkdirSync(join(fifo, 'below'), { recursive: true })],
    ['a link that leads nowhere', () => symlinkSync('nowhere', fifo)],
    [
      'a link to another FIFO',
      () => {
        execFileSync('mkfifo', [join(root, 'other')]);
        symlinkSync('other', fifo);
      },
    ],
  ])('where there must be one replaces %s', (_, make) => {
    make();
    ensureFifo(fifo, 0o600);
    expect(lstatSync(fifo).isFIFO()).toBe(true);
  });

  test('leaves the one that is there, with what is in it', () => {
    makeFifo(fifo, 0o600);
    const reading = reader();
    expect(writeFifo(fifo, Buffer.from('kept'))).toBe('written');
    ensureFifo(fifo, 0o644);
    expect(lstatSync(fifo).mode & 0o777).toBe(0o600);
    expect(readFrom(reading)).toBe('kept');
  });
});

describe('writing', () => {
  test('is told from writing to nobody, and to who is too slow', () => {
    makeFifo(fifo, 0o600);
    expect(isRead(fifo)).toBe(false);
    expect(writeFifo(fifo, Buffer.from('x'))).toBe('unread');
    const reading = reader();
    expect(isRead(fifo)).toBe(true);
    const piece = Buffer.alloc(4096);
    let written = 0;
    while (writeFifo(fifo, piece) === 'written') written++;
    // What a pipe holds unless somebody has changed that.
    expect(written).toBe(16);
    expect(writeFifo(fifo, piece)).toBe('full');
    expect(unreadIn(fifo)).toBe(16 * 4096);
    enlargePipe(reading, 2 * 65_536);
    expect(writeFifo(fifo, piece)).toBe('written');
    readFrom(reading);
    expect(unreadIn(fifo)).toBe(0);
  });

  test('a whole piece arrives, or nothing of it', () => {
    makeFifo(fifo, 0o600);
    const reading = reader();
    const piece = Buffer.alloc(3000);
    while (writeFifo(fifo, piece) === 'written');
    expect(unreadIn(fifo) % 3000).toBe(0);
    readFrom(reading);
  });

  test.each<[string, () => void]>([
    ['nothing', () => {}],
    ['a file', () => writeFileSync(fifo, '')],
    ['a directory', () => mkdirSync(fifo)],
    ['a device', () => symlinkSync('/dev/null', fifo)],
    [
      'a file on the way',
      () => {
        writeFileSync(join(root, 'file'), '');
        fifo = join(root, 'file/fifo');
      },
    ],
  ])('to %s reaches nobody', (_, make) => {
    make();
    expect(openFifoForWriting(fifo)).toBe(null);
    expect(writeFifo(fifo, Buffer.from('x'))).toBe('unread');
    expect(isRead(fifo)).toBe(false);
    expect(unreadIn(fifo)).toBe(0);
  });

  test('to a socket reaches nobody', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(fifo, resolve));
    expect(writeFifo(fifo, Buffer.from('x'))).toBe('unread');
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('orders that nobody has read', () => {
  const give = (text: string) => expect(writeFifo(fifo, Buffer.from(text, 'latin1'))).toBe('written');

  test('are taken out one by one, and the others stay in their order', () => {
    makeFifo(fifo, 0o600);
    const reading = reader();
    give('up a\ndown b\n');
    give('up c\n');
    expect(hasUnread(fifo, '\n', (order) => order === 'down b')).toBe(true);
    expect(withdrawOrders(fifo, '\n', (order) => order === 'down b')).toBe(true);
    expect(withdrawOrders(fifo, '\n', (order) => order === 'down b')).toBe(false);
    expect(readFrom(reading)).toBe('up a\nup c\n');
  });

  test('of one byte each, of every value', () => {
    makeFifo(fifo, 0o600);
    const reading = reader();
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('latin1');
    give(all);
    expect(withdrawOrders(fifo, '', (order) => order === 'u')).toBe(true);
    expect(readFrom(reading)).toBe(all.replace('u', ''));
  });

  test('as many as a pipe holds', () => {
    makeFifo(fifo, 0o600);
    const reading = reader();
    const orders = Array.from({ length: 6000 }, (_, index) => `order ${index % 10}\n`);
    for (let at = 0; at < orders.length; at += 500) give(orders.slice(at, at + 500).join(''));
    expect(withdrawOrders(fifo, '\n', (order) => order === 'order 3')).toBe(true);
    const left = readFrom(reading);
    expect(left).toBe(orders.filter((order) => order !== 'order 3\n').join(''));
    expect(left.length).toBe(5400 * 8);
  });

  test('where there is no FIFO there are none, and nothing is made or emptied', () => {
    expect(withdrawOrders(fifo, '\n', () => true)).toBe(false);
    expect(existsSync(fifo)).toBe(false);
    writeFileSync(fifo, 'text\n');
    expect(withdrawOrders(fifo, '\n', () => true)).toBe(false);
    const file = openSync(fifo, constants.O_RDONLY);
    open.push(file);
    expect(readFrom(file)).toBe('text\n');
  });
});
