/**
 * Why the kernel refuses to execute a file. Supervisors do not hand on what execve(2) told them: s6-supervise tries again
 * every ten seconds and leaves no trace of it in `status`, and a shell makes 126 or 127 of it. So it is found out once more.
 */
import { accessSync, closeSync, constants, existsSync, readSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { executionOf } from '@muster/posix/interpreter';
import { openRegular } from '@muster/posix/regular-file';
import { AUTHORS_RUN, RUN_FILE } from '@muster/store/live/service-files';

/** As much of a script as the kernel looks at. */
const HEAD = 256;
const NO_SHEBANG = "its first line does not say what interprets it ('#!/bin/sh')";
const SHEBANG = /^#![ \t]*([^ \t\n]*)/;

/** Null if it is executed, as far as this can be told without trying. */
export function whyNotExecutable(path: string): string | null {
  return whyNotExecutableByShell(path) ?? (isPlainText(path) ? NO_SHEBANG : null);
}

/** A shell, and execvp(3), interpret by themselves a text that does not say what interprets it. */
function whyNotExecutableByShell(path: string): string | null {
  const stats = statOf(path);
  if (stats === null) return 'there is no such file';
  if (!stats.isFile()) return 'it is not a file';
  return whyNotAllowed(path, stats) ?? whyNotInterpreted(path);
}

/** What of a service directory its supervisor tries to execute in vain, and why. Null means nothing. */
export function unexecutableRun(directory: string): { readonly path: string; readonly why: string } | null {
  return failing(`${directory}/${RUN_FILE}`, whyNotExecutable) ?? unexecutableAuthorsRun(directory);
}

/** The same of what a generated `run` executes, whose process starts all the same. */
export function unexecutableAuthorsRun(directory: string): { readonly path: string; readonly why: string } | null {
  const path = `${directory}/${AUTHORS_RUN}`;
  // Most have none.
  if (!existsSync(path)) return null;
  // Where nothing may be executed, the generated one executes its interpreter.
  const ask = executionOf(path).length > 1 ? whyNotInterpreted : whyNotExecutableByShell;
  return failing(path, ask);
}

function failing(path: string, ask: (path: string) => string | null) {
  const why = ask(path);
  return why === null ? null : { path, why };
}

function whyNotAllowed(path: string, { mode, uid }: Stats): string | null {
  if ((mode & 0o111) === 0) return 'it is not executable (chmod +x)';
  const own = process.geteuid!();
  // Whose file it is not cannot ask for its owner.
  if (own !== 0 && own !== uid) return null;
  try {
    accessSync(path, constants.X_OK);
    return null;
  } catch {
    return 'nothing may be executed where it lies (noexec)';
  }
}

/** Binaries are for the kernel to know, which may have been told of more kinds than its own. */
function isPlainText(path: string): boolean {
  const head = headOf(path);
  return head !== null && !head.includes('\0') && !head.startsWith('#!');
}

function whyNotInterpreted(path: string): string | null {
  const interpreter = SHEBANG.exec(headOf(path) ?? '')?.[1];
  if (interpreter === undefined) return null;
  if (interpreter === '') return "there is no interpreter after the '#!' of its first line";
  const at = resolve(dirname(path), interpreter);
  const stats = statOf(at);
  if (stats !== null) return whyNotAllowed(at, stats) === null ? null : `its interpreter ${at} is not executable`;
  const carriage = interpreter.endsWith('\r') ? ', and the lines of the script end with carriage returns' : '';
  return `its interpreter ${at.replace('\r', '\\r')} does not exist${carriage}`;
}

/** Null if it cannot be read. */
function headOf(path: string): string | null {
  const bytes = Buffer.alloc(HEAD);
  try {
    const file = openRegular(path, { follow: true }).descriptor;
    try {
      return bytes.toString('latin1', 0, readSync(file, bytes, 0, HEAD, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

function statOf(path: string): Stats | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}
