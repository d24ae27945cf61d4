/** Becoming another program, as execvp(3) finds it. */

import { SystemError } from '@muster/posix/libc';
import { originalOpenFilesLimit } from '@muster/posix/limits';
import { programPath } from '@muster/posix/program-path';
import { Spawner } from '@muster/posix/spawn';
import { textOfSystemError } from '../errors.ts';
import { refuse } from './program.ts';

const [NOT_EXECUTABLE, NOT_FOUND] = [126, 127];

/** `environment` in the form of /proc/PID/environ; `path` is the PATH to look in. Returns only if it fails, with the exit status. */
export function become(program: string, words: readonly string[], environment: Uint8Array, path: string): number {
  const [name] = words;
  if (name === undefined) return 0;
  const found = name.includes('/') ? name : programPath(name, path);
  if (found === null) return refuse(program, `${name} is not in ${path}`, NOT_FOUND);
  try {
    return new Spawner(originalOpenFilesLimit(), environment).become(found, words);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return refuse(
      program,
      `${found}: ${textOfSystemError(error)}`,
      error.code === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE,
    );
  }
}
