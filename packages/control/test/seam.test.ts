/** What control must never do, since somebody else than a command line may call it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SOURCE = join(import.meta.dirname, '../src');

const FORBIDDEN: Readonly<Record<string, RegExp>> = {
  'the commands': /@muster\/cli|\bcli\/src\b/,
  'ending the process': /\bprocess\s*\.\s*(exit|abort|exitCode)\b/,
  'standard output and error': /\bprocess\s*\.\s*(stdout|stderr)\b|\bconsole\s*\.|\bBun\s*\.\s*(stdout|stderr)\b/,
  'exit codes': /\bEXIT\b/,
  'the argument vector': /\bprocess\s*\.\s*argv0?\b|\bparseArgs\b/,
  'signals of the process': /\bprocess\s*\.\s*(on|once)\b/,
};

function forbiddenIn(text: string): string[] {
  return Object.keys(FORBIDDEN).filter((what) => FORBIDDEN[what]!.test(text));
}

test('no file prints, ends the process, or knows of command lines and exit codes', () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(40);
  const found = files.map((path) => [path, forbiddenIn(readFileSync(join(SOURCE, path), 'utf8'))] as const);
  expect(found.filter(([, uses]) => uses.length > 0)).toEqual([]);
});

test('each of these would be seen', () => {
  const lines = {
    'the commands': "import { tell } from '@muster/cli/output';",
    'ending the process': 'process.exit(1);',
    'standard output and error': "process.stderr.write('no');",
    'exit codes': 'return EXIT.failed;',
    'the argument vector': 'const [, ...words] = process.argv;',
    'signals of the process': "process.on('SIGTERM', cancel);",
  };
  for (const [what, line] of Object.entries(lines)) expect(forbiddenIn(line), line).toEqual([what]);
  expect(forbiddenIn("console.log('no');")).toEqual(['standard output and error']);
  expect(forbiddenIn("hasFlag(database, service, 'console')")).toEqual([]);
});
