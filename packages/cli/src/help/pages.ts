/**
 * The pages of docs/ from which `muster help` answers. scripts/build.ts puts their texts in place of this file, so that the
 * executable needs no other.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whose sections and rows are looked through, in this order. */
export const PAGES = ['source-format', 'diagnostics', 'words'] as const;
export type PageName = (typeof PAGES)[number];

const DOCS = join(import.meta.dirname, '../../../../docs');

/** By name, as Markdown. */
export function readPages(): Record<PageName, string> {
  const read = (name: PageName) => readFileSync(join(DOCS, `${name}.md`), 'utf8');
  return { 'source-format': read('source-format'), diagnostics: read('diagnostics'), words: read('words') };
}
