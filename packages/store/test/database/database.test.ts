import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compile } from '@muster/core/compile/compile';
import type { Database } from '@muster/core/model/database';
import { decode } from '@muster/store/database/decode';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { EDGES, SECTIONS } from '@muster/store/database/format';
import { readSource } from '@muster/store/source-tree/read';
import { writeFile } from '@muster/store/write-file';
import { afterAll, expect, test } from 'vitest';
import { plain } from './plain.ts';

const directory = mkdtempSync(join(tmpdir(), 'muster-database-'));
afterAll(() => rmSync(directory, { recursive: true }));

const TREE: Readonly<Record<string, string>> = {
  'web/type': 'longrun\n',
  'web/run': '#!/bin/sh\nexec sleep 1000\n',
  'web/dependencies.d/mount': 'ignore\n',
  'web/notification-fd': '3\n',
  'web/data/conf/main': 'x = 1\n',
  'web/env/A': '1\n',
  'web/log': 'dir /var/log/web\n',
  'web/renamed-from': 'www\nhttpd\n',
  'mount/type': 'oneshot\n',
  'mount/up': 'mount { a } b\n',
  'mount/timeout-up': '500\n',
  'mount/description': 'the disks\n',
  'mount/flag-essential': '',
  'web@/type': 'oneshot\n',
  'web@/up': 'true\n',
  'tunnel@/type': 'longrun\n',
  'tunnel@/run': '#!/bin/sh\nexec tunnel\n',
  'tunnel@/dependencies.d/mount': 'ignore\n',
  'tunnel@/wants.d/web@%i': '',
  'tunnel@/log': 'dir /var/log/%i\n',
  'tunnel@/timeout-down': '100\n',
  'all/contents.d/tunnel@a': '',
  'all/type': 'bundle\n',
  'all/contents.d/web': '',
};

test('what is decoded is what was compiled', () => {
  const database = compiled();
  const { bytes, hash } = encode(database);
  const path = join(directory, 'compiled');
  writeFile(path, bytes);
  const decoded = decode(readFileSync(path));
  if (!decoded.ok) throw new Error(decoded.problem.message);
  expect(decoded.value.hash).toBe(hash);
  expect(plain(decoded.value.database)).toEqual(plain(database));
  expect(database.names).toEqual(['mount', 'tunnel@a', 'tunnel@a-log', 'web', 'web-log', 'web@a']);
  expect(database.templates.names).toEqual(['tunnel@', 'web@']);
  expect(encode(decoded.value.database).bytes).toEqual(bytes);
});

test('a truncated or foreign file is refused by name', () => {
  const { bytes } = encode(compiled());
  expect(decode(bytes.subarray(0, bytes.length - 1))).toMatchObject({ ok: false, problem: { refusal: 'truncated' } });
  expect(decode(bytes.subarray(0, 20))).toMatchObject({ ok: false, problem: { refusal: 'truncated' } });
  expect(decode(new TextEncoder().encode('#!/bin/sh\n'))).toMatchObject({
    ok: false,
    problem: { refusal: 'not-a-database' },
  });
  const flipped = bytes.slice();
  flipped[200]! ^= 1;
  expect(decode(flipped)).toMatchObject({ ok: false, problem: { refusal: 'corrupt' } });
});

test('docs/database-format.md names every section, in order', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/database-format.md'), 'utf8');
  const table = page.split('| section | content |')[1]!.split('## ')[0]!;
  const named = table
    .split('\n')
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
  const sections = named.flatMap((name) =>
    [...EDGES, 'bundleMembers', 'templateInstances'].includes(name) ? [`${name}.offsets`, `${name}.targets`] : [name],
  );
  expect(sections).toEqual(SECTIONS);
  expect(page).toContain(`number of sections: ${SECTIONS.length} |`);
});

function compiled(): Database {
  const source = join(directory, 'source');
  for (const [path, text] of Object.entries(TREE)) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), text);
  }
  const { database, diagnostics } = compile([readSource(source)], { encoding: definitionEncoding });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return database!;
}
