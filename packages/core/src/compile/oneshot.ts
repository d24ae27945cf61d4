/** The scripts of a oneshot. */
import type { Command, Oneshot } from '../model/definition.ts';
import type { DefinitionFiles } from './files.ts';
import { lex } from './lexer.ts';
import { interpreterOf, isExecutable } from './shebang.ts';

const NOTHING: Command = { form: 'argv', argv: [] };

/** Null if it cannot be used; all that is wrong with it is reported. */
export function readOneshot(files: DefinitionFiles, instance: string | null): Oneshot | null {
  if (!files.has('up')) {
    files.report.add('missing-up', `the oneshot ${files.name} has no up`, {
      at: files.place('up'),
      hint: 'write the command line that brings it up, or make an empty file if there is nothing to do',
    });
    return null;
  }
  const up = readCommand(files, 'up');
  const down = readCommand(files, 'down');
  const reload = files.has('reload') ? readCommand(files, 'reload') : null;
  return { type: 'oneshot', up, down, reload, instance };
}

function readCommand(files: DefinitionFiles, file: string): Command {
  const found = files.file(file);
  if (found === null) return NOTHING;
  if (isExecutable(found) && isForOther(interpreterOf(found.bytes))) return { form: 'script', content: found.bytes };
  const lexed = lex(found.bytes);
  if (lexed.ok) return { form: 'argv', argv: lexed.argv };
  const { line, column } = position(found.bytes, lexed.at);
  files.report.add(lexed.error, `in the command line: ${lexed.message}`, {
    at: files.place(file, line, column),
    hint:
      lexed.error === 'syntax-error'
        ? 'quotes are "…", and a backslash takes away the meaning of a quote or backslash'
        : 'braces are words of their own, and come in pairs; quote one that is meant as text: "{"',
  });
  return NOTHING;
}

function isForOther(interpreter: string | null): boolean {
  return interpreter !== null && interpreter.slice(interpreter.lastIndexOf('/') + 1) !== 'execlineb';
}

/** Line and column of an offset, both from 1, the column in bytes. */
function position(bytes: Uint8Array, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < offset; at = bytes.indexOf(0x0a, at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}
