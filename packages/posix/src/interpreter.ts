/**
 * Scripts where nothing can be executed: a file system that is mounted noexec, as container engines mount theirs. Their interpreter
 * can be, which is elsewhere, with what the kernel would give it.
 */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';

/** The kernel looks at so many bytes itself. */
const HEAD = 256;
const EXECUTABLE = 0o111;

/** The interpreter of a script and its one argument, if it has any; null if these bytes begin no script. */
export function shebangOf(head: Uint8Array): readonly string[] | null {
  const found = /^#![ \t]*([^ \t\n]+)[ \t]*([^\n]*)/.exec(Buffer.from(head.subarray(0, HEAD)).toString('latin1'));
  if (found === null) return null;
  const [, interpreter, rest] = found;
  const argument = rest!.trimEnd();
  return argument === '' ? [interpreter!] : [interpreter!, argument];
}

/**
 * How a program is executed: `as` itself, or by its interpreter, where it cannot be only because of where it is. What is no script
 * is left to the system, which says why it cannot be executed.
 */
export function executionOf(path: string, as = path): readonly string[] {
  try {
    accessSync(path, constants.X_OK);
    return [as];
  } catch {
    // It may be for want of a permission, or because it is not there.
  }
  try {
    if ((statSync(path).mode & EXECUTABLE) === 0) return [as];
    const shebang = shebangOf(beginningOf(path));
    return shebang === null ? [as] : [...shebang, as];
  } catch {
    return [as];
  }
}

function beginningOf(path: string): Uint8Array {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const head = Buffer.alloc(HEAD);
    return head.subarray(0, readSync(file, head, 0, HEAD, 0));
  } finally {
    closeSync(file);
  }
}
