import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotAFile, openRegular, readRegular, readRegularText } from '@muster/posix/regular-file';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'muster-regular-'));
const path = (name: string) => join(root, name);
const server = createServer();

beforeAll(async () => {
  execFileSync('mkfifo', [path('fifo')]);
  mkdirSync(path('directory'));
  symlinkSync('file', path('link'));
  symlinkSync('/dev/null', path('device'));
  writeFileSync(path('file'), 'text\n');
  await new Promise<void>((resolve) => server.listen(path('socket'), resolve));
});

afterAll(() => {
  server.close();
  rmSync(root, { recursive: true });
});

describe.each([
  ['fifo', 'a FIFO'],
  ['socket', 'a socket'],
  ['directory', 'a directory'],
  ['device', 'a device'],
])('%s', (name, what) => {
  test.each([
    ['read', constants.O_RDONLY],
    ['written', constants.O_WRONLY],
    ['appended to', constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT],
    ['both', constants.O_RDWR],
  ])('is not opened to be %s, and said to be what it is', (_, flags) => {
    const open = () => openRegular(path(name), { flags, follow: true });
    expect(open).toThrow(NotAFile);
    expect(open).toThrow(`${path(name)} is ${what}, and no file`);
  });
});

test('a file is read, through a link only if links are followed', () => {
  expect(readRegularText(path('link'), { follow: true })).toBe('text\n');
  expect(() => readRegular(path('link'))).toThrow(`${path('link')} is a symbolic link, and no file`);
  expect(() => readRegular(path('missing'))).toThrow('ENOENT');
});

test('no more is read than a limit', () => {
  writeFileSync(path('huge'), '');
  truncateSync(path('huge'), 2 ** 40);
  expect(() => readRegular(path('huge'))).toThrow('EFBIG');
  expect(() => readRegular(path('file'), { limit: 4 })).toThrow('EFBIG');
  expect(readRegular(path('file'), { limit: 5 }).length).toBe(5);
});

test('what is open is described', () => {
  const { descriptor, stats } = openRegular(path('made'), { flags: constants.O_RDWR | constants.O_CREAT });
  closeSync(descriptor);
  expect(stats.mode & 0o777).toBe(0o600);
  expect(stats.uid).toBe(process.geteuid!());
});
