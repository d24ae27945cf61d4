/** Scripts that will not do what they look like. */
import type { DefinitionFiles } from '../files.ts';
import { lex } from '../lexer.ts';
import { showName } from '../names.ts';
import { positionOf } from '../position.ts';
import { hasShebang, isForOther, isScript } from '../shebang.ts';
import type { SourceFile } from '../source.ts';
import { backgrounding } from './background.ts';
import { secondCommand, shellSyntax } from './shell-syntax.ts';

/** Whether the machine has an interpreter of this path, or a user of this name. */
export type Exists = (name: string) => boolean;

const CARRIAGE_RETURN = 0x0d;
const DECODER = new TextDecoder('utf-8');

/** Scripts longer than this are programs of their own, and are left alone. */
const LONGEST = 64 * 1024;

/** An executable of a longrun. */
export function lintScript(files: DefinitionFiles, name: string, interpreterExists?: Exists): void {
  const file = files.source.entries.get(name);
  if (file?.kind !== 'file' || file.bytes.length > LONGEST || isProgram(file.bytes)) return;
  if (!hasShebang(file.bytes)) {
    reportNoShebang(files, name);
    return;
  }
  if (lintCarriageReturns(files, name, file)) return;
  const script = DECODER.decode(file.bytes);
  lintInterpreter(files, name, script, interpreterExists);
  if (name !== 'run') return;
  const found = backgrounding(script);
  if (found === null) return;
  files.report.add('goes-to-background', found.message, { at: files.place(name, found.line), hint: found.hint });
}

/** A command of a oneshot. */
export function lintCommand(files: DefinitionFiles, name: string, interpreterExists?: Exists): void {
  const file = files.source.entries.get(name);
  if (file?.kind !== 'file' || file.bytes.length > LONGEST) return;
  if (lintCarriageReturns(files, name, file)) return;
  if (isScript(file)) lintInterpreter(files, name, DECODER.decode(file.bytes), interpreterExists);
  else if (isForOther(file.bytes))
    files.report.add('shebang-not-executable', `${name} has a shebang, and is read as a command line nevertheless`, {
      at: files.place(name, 1),
      hint: 'make it executable to have it kept as a script; else remove the shebang',
    });
  else lintCommandLine(files, name, file.bytes);
}

function lintCommandLine(files: DefinitionFiles, name: string, bytes: Uint8Array): void {
  const lexed = lex(bytes);
  if (!lexed.ok) return;
  const found = shellSyntax(bytes, lexed.value.tokens) ?? secondCommand(bytes, lexed.value.tokens);
  if (found === null) return;
  const { line, column } = positionOf(bytes, found.at);
  files.report.add(found.kind, found.message(name), { at: files.place(name, line, column), hint: found.hint });
}

function lintCarriageReturns(files: DefinitionFiles, name: string, { bytes }: SourceFile): boolean {
  const at = bytes.indexOf(CARRIAGE_RETURN);
  if (at === -1 || bytes[at + 1] !== 0x0a) return false;
  files.report.add('carriage-return', `the lines of ${name} end in carriage returns`, {
    at: files.place(name, positionOf(bytes, at).line),
    hint: 'convert it to plain newlines: sed -i "s/\\r$//" FILE',
  });
  return true;
}

function reportNoShebang(files: DefinitionFiles, name: string): void {
  files.report.add('no-shebang', `${name} does not say what executes it`, {
    at: files.place(name, 1),
    hint: 'begin it with #!/bin/sh, or with the path of another interpreter',
  });
}

function lintInterpreter(
  files: DefinitionFiles,
  name: string,
  script: string,
  interpreterExists: Exists | undefined,
): void {
  const path = /^#![ \t]*(\S*)/.exec(script)?.[1] ?? '';
  if (path === '') {
    reportNoShebang(files, name);
    return;
  }
  if (!path.startsWith('/')) {
    files.report.add('missing-interpreter', `${showName(path)}, which executes ${name}, is no absolute path`, {
      at: files.place(name, 1),
      hint: `write where it is, or #!/usr/bin/env ${path}`,
    });
    return;
  }
  if (interpreterExists === undefined || interpreterExists(path)) return;
  files.report.add('missing-interpreter', `${path}, which executes ${name}, is not on this machine`, {
    at: files.place(name, 1),
    hint: 'install it, or correct the path',
  });
}

function isProgram(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}
