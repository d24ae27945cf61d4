/** `on-failed`, `on-done`: what follows an end of a longrun that is final. */
import type { DefinitionFiles } from './files.ts';
import { isName } from './names.ts';
import { shown } from './numbers.ts';
import type { Reference, References } from './parsed.ts';
import { contentLines, expandInstance } from './words.ts';

const SEQUELS = ['on-failed', 'on-done'];
const EXIT = /^exit(?: (?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5]))?$/;
const START = /^start (.+)$/;

/** Whether it is what `readSequel` makes of what it reads. */
export function isSequel(text: string): boolean {
  return EXIT.test(text) || isName(START.exec(text)?.[1] ?? '');
}

/** `exit`, `exit CODE` or `start NAME`; null if it says `ignore`, or the file is absent. */
export function readSequel(files: DefinitionFiles, file: string, instance: string | null): string | null {
  const line = lineOf(files, file);
  if (line === null || line.content === 'ignore') return null;
  const text = expandInstance(line.content.replace(/\s+/, ' '), instance);
  if (isSequel(text)) return text;
  files.report.add('bad-word', `${file} must be ignore, exit, exit CODE or start NAME, and it says ${shown(text)}`, {
    at: files.place(file, line.line),
    hint: 'write one of these: a code is a number up to 255, and a name that of a service or bundle',
  });
  return null;
}

/** The services and bundles that are started then: they must be there, and are no needs. */
export function readSequelReferences(files: DefinitionFiles): References[] {
  return SEQUELS.flatMap((file) => {
    const line = files.has(file) ? lineOf(files, file) : null;
    const name = START.exec(line?.content ?? '')?.[1]?.trim();
    if (line === null || name === undefined || !isName(name)) return [];
    const reference: Reference = { name, line: line.line, onRestart: 0 };
    return [{ list: file, entries: [reference] }];
  });
}

function lineOf(files: DefinitionFiles, file: string): { readonly content: string; readonly line: number } | null {
  const text = files.text(file);
  return text === null ? null : (contentLines(text)[0] ?? { content: '', line: 1 });
}
