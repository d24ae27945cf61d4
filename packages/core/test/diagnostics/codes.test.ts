/** docs/diagnostics.md is held to the code, and its examples to the fixtures. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CODES } from '@muster/core/diagnostics/codes';
import { expect, test } from 'vitest';

const repository = join(import.meta.dirname, '../../../..');
const page = readFileSync(join(repository, 'docs/diagnostics.md'), 'utf8');

/** These cannot be kept in a repository; packages/cli/test/compile/hostile.test.ts makes them. */
const WITHOUT_EXAMPLE = ['unreadable', 'special-file', 'vanished', 'too-large'];

/** What is said of a source has a section with an example each; the rest is a row of a table. */
const ofSources = Object.entries(CODES).filter(([, code]) => /^RC[12]/.test(code));

test('every code is documented once, and no other', () => {
  const documented = [...page.matchAll(/^(?:### (RC\d+): |\| (RC\d+) \| [^|]+ \| [^|]+ \|$)/gm)];
  expect(documented.map(([, section, row]) => section ?? row)).toEqual(Object.values(CODES));
  expect(documented.flatMap(([, section]) => section ?? [])).toEqual(ofSources.map(([, code]) => code));
});

test('no code is there twice', () => {
  const codes = Object.values(CODES);
  expect(codes.length).toBeGreaterThan(70);
  expect(new Set(codes).size).toBe(codes.length);
});

const exampleOf = (kind: string) => join(repository, 'fixtures/diagnostics', kind, 'stderr');
const sectionOf = (code: string) => page.split(/^### /m).find((part) => part.startsWith(`${code}: `))!;

test('every code has a way out, and all but a few an example', () => {
  const kinds = ofSources;
  expect(kinds.filter(([, code]) => !/^The way out: /m.test(sectionOf(code)))).toEqual([]);
  expect(kinds.map(([kind]) => kind).filter((kind) => !existsSync(exampleOf(kind)))).toEqual(WITHOUT_EXAMPLE);
});

const withExample = Object.entries(CODES).filter(([kind]) => existsSync(exampleOf(kind)));

test.each(withExample)('%s (%s) is shown as it is', (kind, code) => {
  const text = readFileSync(exampleOf(kind), 'utf8');
  expect(sectionOf(code)).toContain(text.trimEnd());
  expect(text).toContain(`[${code}]`);
  expect(text).toContain('hint:');
});
