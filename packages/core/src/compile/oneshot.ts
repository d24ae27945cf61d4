/** The scripts of a oneshot. */
import type { Oneshot, OneshotCommand } from '../model/definition.ts';
import type { DefinitionFiles } from './files.ts';
import { type LexProblem, lex } from './lexer.ts';
import { showName } from './names.ts';
import { positionOf } from './position.ts';
import { isScript } from './shebang.ts';

const NOTHING: OneshotCommand = { form: 'argv', argv: [] };

/** Null if it cannot be used; all that is wrong with it is reported. */
export function readOneshot(files: DefinitionFiles, instance: string | null): Oneshot | null {
  if (!files.has('up')) {
    files.report.add('missing-up', `the oneshot ${showName(files.name)} has no up`, {
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

const BRACES = 'braces are words of their own, and come in pairs; quote one that is meant as text: "{"';
const HINTS: Readonly<Record<LexProblem['kind'], string>> = {
  'syntax-error': 'quotes are "…", and a backslash takes away the meaning of a quote or backslash',
  'unmatched-open-brace': BRACES,
  'unmatched-close-brace': BRACES,
  'too-large': 'make it a script: begin it with #!/bin/sh',
};

function readCommand(files: DefinitionFiles, file: string): OneshotCommand {
  const found = files.file(file);
  if (found === null) return NOTHING;
  if (isScript(found)) return { form: 'script', content: found.bytes };
  const lexed = lex(found.bytes);
  if (lexed.ok) return { form: 'argv', argv: lexed.value.argv };
  const { line, column } = positionOf(found.bytes, lexed.problem.at);
  files.report.add(lexed.problem.kind, `in the command line: ${lexed.problem.message}`, {
    at: files.place(file, line, column),
    hint: HINTS[lexed.problem.kind],
  });
  return NOTHING;
}
