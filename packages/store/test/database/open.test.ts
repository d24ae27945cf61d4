/** What stands where a database should be is refused by name, at once, whatever it is. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFiles } from '@muster/core/test/compile/sources';
import { encode } from '@muster/store/database/encode';
import { openDatabase } from '@muster/store/database/open';
import { afterAll, expect, test } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'muster-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const at = (name: string) => join(directory, name);
const { bytes } = encode(compileFiles({ 'disk/type': 'oneshot', 'disk/up': '' }).database!);

test('a FIFO that nobody writes and a device without end are not read', () => {
  execFileSync('mkfifo', [at('fifo')]);
  for (const path of [at('fifo'), '/dev/zero', '/dev/null'])
    expect(openDatabase(path), path).toMatchObject({ ok: false, refusal: 'not-a-database' });
});

test('of a huge file no more is read than its header, which says how long it should be', () => {
  for (const [name, head] of [
    ['foreign', new Uint8Array(0)],
    ['longer', bytes],
  ] as const) {
    writeFileSync(at(name), head);
    truncateSync(at(name), 2 ** 42);
  }
  expect(openDatabase(at('foreign'))).toMatchObject({ ok: false, refusal: 'not-a-database' });
  expect(openDatabase(at('longer'))).toMatchObject({ ok: false, refusal: 'corrupt' });
});

test('what is not there, is a directory, or may not be read', () => {
  mkdirSync(at('directory'));
  writeFileSync(at('empty'), '');
  expect(openDatabase(at('nothing'))).toMatchObject({ ok: false, refusal: 'missing' });
  expect(openDatabase(at('directory'))).toMatchObject({ ok: false, refusal: 'directory' });
  expect(openDatabase(at('empty'))).toMatchObject({ ok: false, refusal: 'not-a-database' });
  expect(openDatabase(join(at('empty'), 'x'))).toMatchObject({
    ok: false,
    refusal: 'unreadable',
    message: 'the database cannot be read: not a directory (ENOTDIR)',
  });
});
