/** An import again: what an earlier one wrote is brought up to date, what was edited since is left. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ImportedFile, textFile } from '../../src/definitions/files.ts';
import { applyUpdate, planUpdate } from '../../src/write/update.ts';

let root: string;
let source: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-update-'));
  source = join(root, 'deep/source');
});
afterEach(() => rmSync(root, { recursive: true }));

function bring(...files: ImportedFile[]): string[] {
  const update = planUpdate(source, files)!;
  applyUpdate(source, files, 'test', update);
  return update.changes.map(({ kind, path }) => `${kind} ${path}`);
}
const read = (path: string) => readFileSync(join(source, path), 'utf8');

test('a new source is made whole, and nothing else is left beside it', () => {
  expect(bring(textFile('web/run', 'a', 0o755), { path: 'web/data/link', kind: 'link', target: 'x' })).toHaveLength(2);
  expect(readdirSync(source).sort()).toEqual(['.imported.json', 'web']);
  expect(readdirSync(join(root, 'deep'))).toEqual(['source']);
  expect(statSync(source).mode & 0o777).toBe(0o777 & ~process.umask());
});

test('the same import again changes nothing', () => {
  const files = [textFile('web/run', 'a', 0o755), textFile('web/type', 'longrun\n')];
  bring(...files);
  expect(bring(...files)).toEqual([]);
});

test('what changed in the original is replaced, added and removed, with directories that are empty then', () => {
  bring(textFile('web/run', 'a'), textFile('old/data/x', 'x'));
  expect(bring(textFile('web/run', 'b'), textFile('new/run', 'c'))).toEqual([
    'add new/run',
    'remove old/data/x',
    'replace web/run',
  ]);
  expect([read('web/run'), read('new/run'), existsSync(join(source, 'old'))]).toEqual(['b', 'c', false]);
});

test('what was edited by hand is left, and so is what was removed or is no import of ours', () => {
  bring(textFile('a/run', '1'), textFile('b/run', '1'), textFile('c/run', '1'));
  writeFileSync(join(source, 'a/run'), 'mine');
  rmSync(join(source, 'b/run'));
  writeFileSync(join(source, 'c/user'), 'me');
  const edited = ['edited a/run', 'edited b/run', 'edited c/user'];
  const files = [textFile('a/run', '2'), textFile('b/run', '2'), textFile('c/run', '1'), textFile('c/user', 'you')];
  expect(bring(...files)).toEqual(edited);
  expect(bring(...files)).toEqual(edited);
  expect([read('a/run'), existsSync(join(source, 'b/run')), read('c/user')]).toEqual(['mine', false, 'me']);
});

test('an edited file is left also where the import has it no more', () => {
  bring(textFile('a/run', '1'));
  writeFileSync(join(source, 'a/run'), 'mine');
  expect(bring()).toEqual(['edited a/run']);
  expect(read('a/run')).toBe('mine');
});

test('what an interrupted import has written already is no edit', () => {
  bring(textFile('a/run', '1'));
  writeFileSync(join(source, 'a/run'), '2');
  expect(bring(textFile('a/run', '2'))).toEqual([]);
  expect(bring(textFile('a/run', '3'))).toEqual(['replace a/run']);
});

test('a directory that no import made is refused', () => {
  bring(textFile('a/run', '1'));
  rmSync(join(source, '.imported.json'));
  expect(planUpdate(source, [])).toBeNull();
  writeFileSync(join(source, '.imported.json'), '[]');
  expect(planUpdate(source, [])).toBeNull();
});

test('a manifest that was tampered with leads nowhere else', () => {
  bring(textFile('a/run', '1'));
  symlinkSync('x', join(root, 'outside'));
  const manifest = JSON.parse(read('.imported.json'));
  manifest.files['../../outside'] = 'link:x';
  writeFileSync(join(source, '.imported.json'), JSON.stringify(manifest));
  expect(bring()).toEqual(['remove a/run']);
  expect(readdirSync(root)).toContain('outside');
});
