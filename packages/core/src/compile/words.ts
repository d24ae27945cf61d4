/** Files that hold one word out of a few, and files that hold one line. */
import { INSTANCE } from '../model/template.ts';
import type { DefinitionFiles } from './files.ts';
import { nearest } from './nearest.ts';
import { shown } from './numbers.ts';

/** The word that `file` holds; null if it is absent or holds another, and the latter is reported. */
export function readWord<Word extends string>(
  files: DefinitionFiles,
  file: string,
  words: readonly Word[],
): Word | null {
  const text = files.text(file);
  if (text === null) return null;
  const found = words.find((word) => word === text.trim());
  if (found !== undefined) return found;
  const near = nearest(text.trim(), words);
  files.report.add('bad-word', `${file} must be one of ${words.join(', ')}, and it says ${shown(text)}`, {
    at: files.place(file, 1),
    hint: near.length > 0 ? `did you mean ${near[0]}?` : 'write exactly one of these words',
  });
  return null;
}

/** The only line of `file`, without the blanks around it; null if it is absent. */
export function readLine(files: DefinitionFiles, file: string): string | null {
  const text = files.text(file);
  if (text === null) return null;
  const line = text.trim();
  if (line !== '' && !/[\n\0]/.test(line)) return line;
  files.report.add('bad-attribute', `${file} must hold one line, and it says ${shown(text)}`, {
    at: files.place(file, 1),
    hint: 'write it, or remove the file',
  });
  return null;
}

/** `%i` in what a template says stands for the instance. */
export function expandInstance(text: string, instance: string | null): string {
  return instance === null ? text : text.replaceAll(INSTANCE, () => instance);
}

/** Lines that are not empty and no comment, without the blanks around them. */
export function contentLines(text: string): { content: string; line: number }[] {
  return text
    .split('\n')
    .map((raw, i) => ({ content: raw.trim(), line: i + 1 }))
    .filter(({ content }) => content !== '' && !content.startsWith('#'));
}
