/** Templates that nobody has rendered yet: what stands in them is no value, and nothing can be made of them. */
import type { ImportProblem } from '../format.ts';

const MARKS = [
  /\{\{.*?\}\}/,
  /\{%.*?%\}/,
  /(?<!@)@[A-Z][A-Z0-9_]*@(?!@)/,
  /^\s*[^=:#;[\]]*\$\{[A-Za-z_][^}]*\}[^=:]*[=:]/,
  /^\s*\[[^\]]*\$\{[^\]]*\]/,
];

/** `isComment`: whether a line says nothing in this format. */
export function unrenderedIn(
  path: string,
  lines: readonly string[],
  isComment: (line: string) => boolean,
): readonly ImportProblem[] {
  return lines.flatMap((text, at) => {
    const found = isComment(text) ? undefined : MARKS.map((mark) => mark.exec(text)?.[0]).find(Boolean);
    if (found === undefined) return [];
    const message = `${found.trim()} is to be filled in by a template engine or a build`;
    return [{ file: path, line: at + 1, message, hint: 'render it first, and import what comes out' }];
  });
}
