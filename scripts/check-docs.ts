/** Holds docs/ to the code: every path that a page names must exist, and every `file:function` be in that file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const NAMED = /`((?:packages|fixtures|scripts|docs)\/[\w./@-]*)(?::(\w+))?`/g;

let wrong = 0;
const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((page) =>
  page.endsWith('.md'),
);
for (const page of pages) {
  const lines = readFileSync(join(root, 'docs', page), 'utf8').split('\n');
  for (const [at, line] of lines.entries()) {
    for (const [, path, name] of line.matchAll(NAMED)) {
      const problem = problemWith(path!, name);
      if (problem === null) continue;
      console.error(`docs/${page}:${at + 1}: ${problem}`);
      wrong++;
    }
  }
}
console.log(`${pages.length} pages, ${wrong} wrong references`);
process.exit(wrong === 0 ? 0 : 1);

function problemWith(path: string, name: string | undefined): string | null {
  const file = join(root, path);
  if (!existsSync(file)) return `${path} does not exist`;
  if (name !== undefined && !new RegExp(`\\b${name}\\b`).test(readFileSync(file, 'utf8')))
    return `no ${name} in ${path}`;
  return null;
}
