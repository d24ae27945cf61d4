/** What stands where a database should be is refused by name, at once, whatever it is. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFiles } from '@muster/core/test/compile/sources';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { OFFSET, VERSION } from '@muster/store/database/format';
import { hashOf } from '@muster/store/database/hash';
import { openDatabase } from '@muster/store/database/open';
import { unusable } from '@muster/store/live/problem';
import { afterAll, expect, test } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'muster-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const at = (name: string) => join(directory, name);
const { bytes } = encode(compileFiles({ 'disk/type': 'oneshot', 'disk/up': '' }, definitionEncoding).database!);

test('a FIFO that nobody writes and a device without end are not read', () => {
  execFileSync('mkfifo', [at('fifo')]);
  for (const path of [at('fifo'), '/dev/zero', '/dev/null'])
    expect(openDatabase(path), path).toMatchObject({ ok: false, problem: { refusal: 'not-a-database' } });
});

test('of a huge file no more is read than its header, which says how long it should be', () => {
  for (const [name, head] of [
    ['foreign', new Uint8Array(0)],
    ['longer', bytes],
  ] as const) {
    writeFileSync(at(name), head);
    truncateSync(at(name), 2 ** 42);
  }
  expect(openDatabase(at('foreign'))).toMatchObject({ ok: false, problem: { refusal: 'not-a-database' } });
  expect(openDatabase(at('longer'))).toMatchObject({ ok: false, problem: { refusal: 'corrupt' } });
});

test('a database of another version is refused by name, with the way out, also where it is live', () => {
  const other = bytes.slice();
  new DataView(other.buffer).setUint32(OFFSET.version, VERSION - 1, true);
  other.set(hashOf(other), OFFSET.hash);
  writeFileSync(at('other'), other);
  const opened = openDatabase(at('other'));
  if (opened.ok) throw new Error('it is read');
  expect(opened.problem).toMatchObject({
    refusal: 'other-version',
    message: `the database has format version ${VERSION - 1}, and this program reads ${VERSION}: rc-compile makes one of its source`,
  });
  expect(unusable(at('other'), opened.problem)).toMatchObject({
    code: 'RC3004',
    hint: 'the Muster that made it goes on with it; rc-shutdown takes it away, with all that runs in it, and rc-init makes it anew',
  });
});

test('what is not there, is a directory, or may not be read', () => {
  mkdirSync(at('directory'));
  writeFileSync(at('empty'), '');
  expect(openDatabase(at('nothing'))).toMatchObject({ ok: false, problem: { refusal: 'missing' } });
  expect(openDatabase(at('directory'))).toMatchObject({ ok: false, problem: { refusal: 'directory' } });
  expect(openDatabase(at('empty'))).toMatchObject({ ok: false, problem: { refusal: 'not-a-database' } });
  expect(openDatabase(join(at('empty'), 'x'))).toMatchObject({
    ok: false,
    problem: { refusal: 'unreadable', message: 'the database cannot be read: not a directory (ENOTDIR)' },
  });
});
