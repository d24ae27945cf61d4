/** What the reader makes of what is on the disk, where that is not plain. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compile } from '@muster/core/compile/compile';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { readSource } from '@muster/store/source-tree/read';
import { afterAll, expect, test } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'muster-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const RUN = '#!/bin/sh\nexec cat\n';

function compiled(name: string, files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}) {
  const root = join(directory, name);
  const placed = (path: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    return join(root, path);
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(placed(path), text);
  for (const [path, target] of Object.entries(links)) symlinkSync(target, placed(path));
  const { database, diagnostics } = compile([readSource(root)], { encoding: definitionEncoding });
  return { database, said: diagnostics.map(({ code, at }) => `${code} ${at!.file.slice(root.length + 1)}`) };
}

test('what refers to a definition that cannot be read is not blamed for it', () => {
  const { said } = compiled(
    'unreadable',
    {
      'web/type': 'longrun\n',
      'web/run': RUN,
      'web/dependencies': 'database\ncache\nkey@a\n',
      'database.service.toml': 'type = "longrun\n',
      'key@.service.toml': '\0',
    },
    { cache: 'nowhere' },
  );
  expect(said).toEqual(['RC1061 cache', 'RC1053 database.service.toml', 'RC1053 key@.service.toml']);
});

test('files of one name that say the same are one object, whose mode is theirs', () => {
  const root = join(directory, 'same');
  const files = { a: 0o644, b: 0o644, c: 0o600, d: 0o644 };
  for (const [name, mode] of Object.entries(files)) {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, 'type'), name === 'd' ? 'oneshot\n' : 'longrun\n', { mode });
    chmodSync(join(root, name, 'type'), mode);
  }
  const [a, b, c, d] = [...readSource(root).definitions].map(({ entries }) => entries.get('type'));
  expect(b).toBe(a);
  expect(c).toEqual({ kind: 'file', mode: 0o600, bytes: new Uint8Array(Buffer.from('longrun\n')) });
  expect(d).toEqual({ kind: 'file', mode: 0o644, bytes: new Uint8Array(Buffer.from('oneshot\n')) });
  expect(a).toEqual({ kind: 'file', mode: 0o644, bytes: new Uint8Array(Buffer.from('longrun\n')) });
});

test('one that cannot be read may still be there twice', () => {
  const { said } = compiled('twice', { 'web.service.toml': '=', 'web/type': 'bundle\n', 'web/contents': '' });
  expect(said).toEqual(['RC1002 web.service.toml', 'RC1053 web.service.toml']);
});

test('in log/ as in a definition, a script may be a link; its own log/ is nothing', () => {
  const { database, said } = compiled(
    'links',
    { 'web/type': 'longrun\n', 'web/run': RUN, 'web/log/data/x': 'x' },
    { 'web/log/run': '../run', 'web/log/log': '.' },
  );
  expect(said).toEqual([]);
  expect(database!.names).toEqual(['web', 'web-log']);
});

test('the scripts in log/ are looked at as those beside it', () => {
  const { said } = compiled('lint', { 'web/type': 'longrun\n', 'web/run': RUN, 'web/log/run': 'exec cat\n' });
  expect(said).toEqual(['RC2021 web/log/run']);
});
