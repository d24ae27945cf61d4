/** The leanest daemon: what starts it costs least, so that supervisors are measured and not shells. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAUSE } from './trees.ts';

const PROGRAM = '#include <unistd.h>\nint main(void) { for (;;) pause(); }\n';

/** Text of a `run`: with a C compiler, one that becomes a program which only pauses; else one that becomes sleep. */
export function leanRun(directory: string): { readonly run: string; readonly what: string } {
  const cc = Bun.which('cc');
  if (cc === null) return { run: PAUSE, what: 'sh that becomes sleep' };
  const source = join(directory, 'pause.c');
  const program = join(directory, 'pause');
  writeFileSync(source, PROGRAM);
  const built = Bun.spawnSync([cc, '-O2', '-static', '-o', program, source]);
  if (built.exitCode !== 0) return { run: PAUSE, what: 'sh that becomes sleep' };
  return { run: `#!${program}\n`, what: 'a C program that pauses' };
}
