/** docs/diagnostics.md is held to the code, and its examples to the fixtures. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CODES } from '@muster/core/diagnostics/codes';
import { expect, test } from 'vitest';

const repository = join(import.meta.dirname, '../../../..');
const page = readFileSync(join(repository, 'docs/diagnostics.md'), 'utf8');

/** These cannot be kept in a repository; packages/cli/test/compile/hostile.test.ts makes them. */
const WITHOUT_EXAMPLE = ['unreadable', 'special-file', 'vanished', 'too-large'];

test('every code is documented once, and no other', () => {
  const documented = [...page.matchAll(/^### (RC\d+): /gm)].map(([, code]) => code);
  expect(documented).toEqual(Object.values(CODES));
});

test.each(Object.entries(CODES))('%s (%s) has its example and a way out', (kind, code) => {
  const section = page.split(/^### /m).find((part) => part.startsWith(`${code}: `))!;
  expect(section).toMatch(/^The way out: /m);
  const example = join(repository, 'fixtures/diagnostics', kind, 'stderr');
  expect(existsSync(example)).toBe(!WITHOUT_EXAMPLE.includes(kind));
  if (!existsSync(example)) return;
  const text = readFileSync(example, 'utf8');
  expect(section).toContain(text.trimEnd());
  expect(text).toContain(`[${code}]`);
  expect(text).toContain('hint:');
});
