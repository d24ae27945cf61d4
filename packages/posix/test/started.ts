/** What a child that was started finds out about itself; and what it takes to start many, run alone in a process of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { libc } from '@muster/posix/libc';
import { originalOpenFilesLimit } from '@muster/posix/limits';
import { type Child, Spawner } from '@muster/posix/spawn';

/** `native`: with C of our own. */
export type Way = 'posix_spawn' | 'native';

export function spawnerFor(way: Way, openFiles?: bigint): Spawner {
  const limit = originalOpenFilesLimit();
  const spawner = new Spawner(openFiles === undefined ? limit : { ...limit, soft: openFiles });
  if (way === 'native') spawner.prepareForMany();
  return spawner;
}

/** The wait status. */
export function waitFor(pid: number): number {
  const status = new Int32Array(1);
  libc().waitpid(pid, status, 0);
  return status[0]!;
}

/** What `script` writes to the file `output` in `directory`. */
export function outputOf(spawner: Spawner, directory: string, script: string, more: Partial<Child> = {}): string {
  const child = { path: '/bin/sh', argv: ['sh', '-c', `{ ${script}\n} >output`], directory, descriptors: [], ...more };
  waitFor(spawner.spawn(child));
  return readFileSync(join(directory, 'output'), 'utf8');
}
