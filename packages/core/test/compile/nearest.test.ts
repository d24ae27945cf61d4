/** What somebody may have meant. */
import { nearest } from '@muster/core/compile/nearest';
import { expect, test } from 'vitest';
import { compileFiles } from './sources.ts';
import { longrun } from './written.ts';

const NAMES = ['postgresql', 'nginx', 'web-1', 'web-2', 'web-log', 'db-log', 'a'];

test.each([
  ['postgres', ['postgresql']],
  ['Nginx', ['nginx']],
  ['ngixn', ['nginx']],
  ['web-3', ['web-1', 'web-2']],
  ['nginx.service', ['nginx']],
  ['web-1@x', ['web-1']],
  ['log', ['web-log', 'db-log']],
  ['x', []],
  ['', []],
  ['cache', []],
])('%s', (wrong, meant) => {
  expect(nearest(wrong, NAMES)).toEqual(meant);
});

test('files that other supervisors know, and those that only editors do', () => {
  const files = Object.fromEntries(
    ['depends', 'requires.d', 'environment', 'essential', 'restart_delay', 'run.sh', 'run~', '#run#', '.run.swp'].map(
      (name) => [name, ''],
    ),
  );
  const { diagnostics } = compileFiles(longrun('a', files));
  expect(diagnostics.map(({ message, hint }) => `${message}: ${hint}`)).toEqual([
    'nothing reads "depends": did you mean dependencies.d?',
    'nothing reads "environment": did you mean env?',
    'nothing reads "essential": did you mean flag-essential?',
    'nothing reads "requires.d": did you mean dependencies.d?',
    'nothing reads "restart_delay": did you mean restart-delay?',
    'nothing reads "run.sh": did you mean run?',
  ]);
});
