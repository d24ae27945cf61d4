import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unifiedDiff } from '../../../src/plan/diff/unified.ts';

test('a changed line is shown with three lines around it', () => {
  const before = 'a\nb\nc\nd\ne\nf\ng\nh\ni\n';
  expect(unifiedDiff(before, before.replace('e', 'E'))).toEqual([
    '@@ -2,7 +2,7 @@',
    ' b',
    ' c',
    ' d',
    '-e',
    '+E',
    ' f',
    ' g',
    ' h',
  ]);
});

test('equal texts have no diff', () => {
  expect(unifiedDiff('a\n', 'a\n')).toEqual([]);
  expect(unifiedDiff('', '')).toEqual([]);
});

test('a missing newline at the end is a difference', () => {
  expect(unifiedDiff('a\nb', 'a\nb\n')).toEqual(['@@ -1,2 +1,2 @@', ' a', '-b', '\\ No newline at end of file', '+b']);
});

test('very different long texts are replaced as a whole, quickly', () => {
  const text = (mark: string) => Array.from({ length: 5000 }, (_, n) => `${mark}${n}\n`).join('');
  expect(unifiedDiff(text('a'), text('b'))).toHaveLength(10_001);
});

test.runIf(hasPatch())('patch(1) makes the second text from the first one and the diff', () => {
  const directory = mkdtempSync(join(tmpdir(), 'muster-diff-'));
  const file = join(directory, 'file');
  const text = fc.array(fc.constantFrom('a', 'b', 'c', '', 'x\n'), { maxLength: 30 }).map((lines) => lines.join('\n'));
  let patches = 0;
  try {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const diff = unifiedDiff(before, after);
        expect(diff.length === 0).toBe(before === after);
        if (diff.length === 0) return;
        patches++;
        writeFileSync(file, before);
        const patched = spawnSync('patch', ['-s', '-o', '-', file], {
          input: `--- file\n+++ file\n${diff.join('\n')}\n`,
          encoding: 'utf8',
        });
        expect(patched.stderr).toBe('');
        expect(patched.stdout).toBe(after);
      }),
      { numRuns: 200 },
    );
    expect(patches).toBeGreaterThan(100);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

function hasPatch(): boolean {
  try {
    execFileSync('patch', ['--version']);
    return true;
  } catch {
    console.log('skipped: diffs that are applied, since there is no patch(1) here');
    return false;
  }
}
