import { expect, test } from 'vitest';
import { renderDiagnostics } from '../../src/render/diagnostics.ts';

function shown(line: string, column: number): string[] {
  const diagnostic = {
    code: 'RC1050',
    severity: 'error',
    message: 'this quote is never closed',
    at: { file: 'source/a/up', line: 1, column },
    notes: [],
  } as const;
  return renderDiagnostics([diagnostic], { color: false, excerpt: () => line })
    .split('\n')
    .slice(2, 4);
}

test('the mark stands below the character that is meant', () => {
  expect(shown('echo "x', 6)).toEqual(['  | echo "x', '  |      ^']);
  expect(shown('\techo ü "x', 9)).toEqual(['  | \techo ü "x', '  | \t       ^']);
  expect(shown('echo 日🚀 "x', 9)).toEqual(['  | echo 日🚀 "x', '  |           ^']);
});
