/** Sources that would take more time or memory than they are worth. */
import { expect, test } from 'vitest';
import { compileFiles } from './sources.ts';
import { longrun } from './written.ts';

test('bundles in bundles in bundles take no more time than what they hold', () => {
  const files = new Map<string, string>(Object.entries(longrun('web')));
  for (let i = 0; i < 5_000; i++) {
    files.set(`set${i}/type`, 'bundle');
    files.set(`set${i}/contents`, i === 0 ? 'web' : `set${i - 1}`);
  }
  const { database } = compileFiles(files);
  expect(database!.bundleMembers.targets).toHaveLength(5_000);
});

test('bundles that hold more than there is room for are refused', () => {
  const files = new Map<string, string>();
  for (let i = 0; i < 6_400; i++) {
    files.set(`s${i}/type`, 'oneshot');
    files.set(`s${i}/up`, '');
    files.set(`set${i}/type`, 'bundle');
    files.set(`set${i}/contents`, i === 0 ? 's0' : `set${i - 1}\ns${i}`);
  }
  const { database, diagnostics } = compileFiles(files);
  expect(database).toBeUndefined();
  expect(diagnostics.map(({ code }) => code)).toEqual(['RC1065']);
});

test('services that refer to more through bundles than there is room for are refused, once', () => {
  const files = new Map<string, string>([['all/type', 'bundle']]);
  let contents = '';
  for (let i = 0; i < 5_000; i++) {
    contents += `s${i}\n`;
    for (const name of [`s${i}`, `t${i}`]) files.set(`${name}/type`, 'oneshot').set(`${name}/up`, '');
    files.set(`t${i}/dependencies`, 'all');
  }
  const { database, diagnostics } = compileFiles(files.set('all/contents', contents));
  expect(database).toBeUndefined();
  expect(diagnostics.map(({ code }) => code)).toEqual(['RC1065']);
});

test('thousands of conflicts along a chain are looked at together', () => {
  const files = new Map<string, string>();
  for (let i = 0; i < 10_000; i++) {
    files.set(`s${i}/type`, 'oneshot').set(`s${i}/up`, '');
    if (i > 0) files.set(`s${i}/conflicts.d/s${i - 1}`, '');
    if (i > 1) files.set(`s${i}/dependencies`, `s${i - 2}`);
  }
  const { database } = compileFiles(files);
  expect(database!.conflicts.targets).toHaveLength(2 * 9_999);
});

test('files that come to more than a database holds are refused before they are packed', () => {
  const large = new Uint8Array(2 ** 28);
  const files = new Map<string, string | Uint8Array>();
  for (let i = 0; i < 9; i++)
    files.set(`s${i}/type`, 'longrun').set(`s${i}/run`, '#!/bin/sh\n').set(`s${i}/data/image`, large);
  const { database, diagnostics } = compileFiles(files);
  expect(database).toBeUndefined();
  expect(diagnostics.map(({ code, at }) => `${code} ${at!.file}`)).toEqual(['RC1065 source/s7']);
});
