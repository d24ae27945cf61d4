/** A definition with every default filled in. */
import { expect, test } from 'vitest';
import type { SourceDefinition } from '../../../src/compile/source.ts';
import { type ExplainedField, explainDefinition } from '../../../src/plan/diff/explain.ts';
import { compileFiles } from '../../compile/sources.ts';

const FILES = {
  'web/type': 'longrun\n',
  'web/run*': '#!/bin/sh\nexec web\n',
  'web/restart': 'on-failure\n',
  'web/log': 'dir /var/log/web\n',
  'job@/type': 'longrun\n',
  'job@/run*': '#!/bin/sh\nexec job\n',
  'job@/user': 'nobody\n',
  'all/type': 'bundle\n',
  'all/contents.d/web': '',
  'all/contents.d/job@a': '',
};

const DEFINITIONS: SourceDefinition[] = ['web', 'job@', 'all'].map((name) => ({
  name,
  path: `source/${name}`,
  entries: new Map(
    Object.keys(FILES)
      .filter((path) => path.startsWith(`${name}/`))
      .map((path) => [path.replace('*', '').split('/')[1]!, { kind: 'present' } as const]),
  ),
}));

function explained(name: string): ReadonlyMap<string, ExplainedField> {
  const { database } = compileFiles(FILES);
  const { fields } = explainDefinition(database!, DEFINITIONS, name)!;
  return new Map(fields.map((field) => [field.name, field]));
}

test('says of each line where it stands, and what holds if it stands nowhere', () => {
  const web = explained('web');
  expect(web.get('restart')).toMatchObject({ value: 'on-failure', from: { path: 'source/web/restart', line: null } });
  expect(web.get('stable-after')).toMatchObject({ value: null, otherwise: '5000', from: null });
  expect(web.get('producer-for')).toMatchObject({ value: ['web-log'], from: { path: 'source/web/log' } });
  expect(web.get('run')).toMatchObject({ from: { path: 'source/web/run' } });
});

test('an instance has it from its template, and a logger from the log that asks for it', () => {
  expect(explained('job@a').get('user')).toMatchObject({ value: 'nobody', from: { path: 'source/job@/user' } });
  expect(explained('web-log').get('log')).toMatchObject({ from: { path: 'source/web/log' } });
});

test('nobody of another name is explained', () => {
  expect(explainDefinition(compileFiles(FILES).database!, DEFINITIONS, 'nobody')).toBeNull();
});
