/** The manual pages: there for every command, file and diagnostic, and without anything that mandoc objects to. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KNOWN_FILES } from '@muster/core/compile/known-files';
import { CODES } from '@muster/core/diagnostics/codes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/commands.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const directory = mkdtempSync(join(tmpdir(), 'muster-manual-'));
const hasMandoc = spawnSync('mandoc', ['-T', 'lint', '/dev/null']).error === undefined;
if (!hasMandoc) console.log('skipped: what mandoc says of the manual pages, since it is not here');

beforeAll(() => {
  const made = spawnSync(process.execPath, [join(ROOT, 'scripts/manual.ts'), directory], { encoding: 'utf8' });
  expect(made.stderr).toBe('');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const pagesOf = (section: number) => readdirSync(join(directory, `man${section}`)).sort();

test('every command, every file of a definition and every diagnostic has a page', () => {
  expect(pagesOf(1)).toEqual(
    Object.keys(COMMANDS)
      .map((name) => `rc-${name}.1`)
      .sort(),
  );
  expect(pagesOf(5)).toEqual(['rc-source.5', ...[...KNOWN_FILES.keys()].map((file) => `rc-source-${file}.5`)].sort());
  expect(pagesOf(7)).toEqual(
    ['rc-diagnostics.7', 'rc-words.7', ...Object.values(CODES).map((code) => `${code}.7`)].sort(),
  );
});

test('a page for one word is the page that explains it', () => {
  for (const section of [5, 7])
    for (const page of pagesOf(section)) {
      const other = /^\.so (\S+)\n$/.exec(readFileSync(join(directory, `man${section}`, page), 'utf8'))?.[1];
      if (other !== undefined) expect(readFileSync(join(directory, other), 'utf8')).toMatch(/^\.Dd /);
    }
});

test.skipIf(!hasMandoc)('mandoc has nothing to object', () => {
  const pages = [1, 5, 7]
    .flatMap((section) => pagesOf(section).map((page) => join(`man${section}`, page)))
    .filter((page) => !readFileSync(join(directory, page), 'utf8').startsWith('.so '));
  const lint = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', ...pages], { cwd: directory, encoding: 'utf8' });
  expect(lint.stdout + lint.stderr).toBe('');
});

test.skipIf(!hasMandoc)('a page is read as it is meant', () => {
  const page = (name: string) =>
    spawnSync('sh', ['-c', 'mandoc -T utf8 "$1" | col -bx', 'sh', name], {
      cwd: directory,
      encoding: 'utf8',
      // What is no ASCII must be whole characters to col.
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    }).stdout;
  const status = page('man1/rc-status.1');
  expect(status).toMatch(/rc-status . shows how services are/);
  expect(status).toMatch(/-l DIR, --live=DIR\n +the live directory \(RC_LIVE\)/);
  expect(status).toMatch(/EXIT STATUS\n +0 +what was asked for has happened/);
  expect(page('man5/rc-source.5')).toMatch(/notification-fd\n +the daemon writes a newline to this descriptor/);
  expect(page('man7/rc-diagnostics.7')).toContain('error[RC1004]: these services depend on each other in a circle');
});
