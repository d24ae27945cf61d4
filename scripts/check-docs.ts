/**
 * Holds the pages at the top and docs/ to the code: every path that a page names or links to must exist, and every `file:function`
 * be in that file; and the code to the words of docs/words.md.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { problemsWithWords } from './words.ts';

const root = join(import.meta.dirname, '..');
const NAMED = /`((?:packages|fixtures|scripts|docs)\/[\w./@-]*)(?::(\w+))?`/g;
const LINKED = /\]\((?!\w+:|#)([^)#]+)[^)]*\)/g;

let wrong = 0;
const below = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
const pages = [...readdirSync(root), ...below.map((page) => join('docs', page))].filter((page) => page.endsWith('.md'));
for (const page of pages) {
  const lines = readFileSync(join(root, page), 'utf8').split('\n');
  for (const [at, line] of lines.entries()) {
    for (const [, path, name] of line.matchAll(NAMED)) complain(page, at, problemWith(path!, name));
    for (const [, path] of line.matchAll(LINKED))
      complain(page, at, problemWith(join(dirname(page), path!), undefined));
  }
}
for (const problem of problemsWithWords()) {
  console.error(problem);
  wrong++;
}
console.log(`${pages.length} pages, ${wrong} wrong references or words`);
process.exit(wrong === 0 ? 0 : 1);

function problemWith(path: string, name: string | undefined): string | null {
  const file = join(root, path);
  if (!existsSync(file)) return `${path} does not exist`;
  if (name !== undefined && !new RegExp(`\\b${name}\\b`).test(readFileSync(file, 'utf8')))
    return `no ${name} in ${path}`;
  return null;
}

function complain(page: string, at: number, problem: string | null): void {
  if (problem === null) return;
  console.error(`${page}:${at + 1}: ${problem}`);
  wrong++;
}
