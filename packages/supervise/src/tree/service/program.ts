/**
 * How `run` and `finish` are executed. posix_spawn returns when the child has come to its exec, and the kernel opens an
 * interpreter within it: one on a file system that hangs would stop the whole tree. Whatever does not begin with a program of
 * the system itself is therefore executed by a shell, which hangs instead.
 */
import { closeSync, constants, openSync, readlinkSync, readSync } from 'node:fs';

/** The system does not work either when these hang. */
const OF_THE_SYSTEM = /^\/(?:usr\/)?s?bin\/[^/]+$/;
/** The kernel looks at so many bytes itself. */
const HEAD = 256;
const head = Buffer.alloc(HEAD);

export interface Program {
  readonly path: string;
  readonly argv: readonly string[];
}

/** `name` in the service directory, a child's working directory by then. */
export function programIn(directory: string, name: string, words: readonly string[]): Program {
  if (isSafe(`${directory}/${name}`)) return { path: `./${name}`, argv: [name, ...words] };
  return { path: '/bin/sh', argv: ['sh', '-c', 'exec "$0" "$@"', `./${name}`, ...words] };
}

/** What cannot be looked at is: executing it fails at once. */
function isSafe(path: string): boolean {
  try {
    const interpreter = /^#![ \t]*([^ \t\n]+)/.exec(beginning(path))?.[1];
    return interpreter === undefined || OF_THE_SYSTEM.test(interpreter);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ELOOP' || OF_THE_SYSTEM.test(readlinkSync(path));
  }
}

/** Throws ELOOP for a symbolic link. */
function beginning(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    return head.toString('latin1', 0, readSync(file, head, 0, HEAD, 0));
  } finally {
    closeSync(file);
  }
}
