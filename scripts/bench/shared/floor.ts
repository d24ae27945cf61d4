/** What starting processes costs here, whoever asks for it: a loop of posix_spawn, compiled where there is a C compiler. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Side } from './row.ts';
import { must } from './s6-scandir.ts';

export const FLOOR = 'floor: posix_spawn in a C loop';
export const FLOOR_WITHOUT_CC = 'floor: spawn in a loop of the runtime (there is no C compiler)';

const LOOP = `#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e3 + t.tv_nsec / 1e6; }
int main(int argc, char **argv) {
  int count = atoi(argv[2]); pid_t *pids = malloc(count * sizeof *pids);
  char *words[] = { argv[1], 0 }, *environment[] = { 0 };
  double began = now();
  for (int i = 0; i < count; i++) if (posix_spawn(&pids[i], argv[1], 0, 0, words, environment)) return 1;
  printf("%f\\n", now() - began);
  for (int i = 0; i < count; i++) kill(pids[i], SIGKILL);
  for (int i = 0; i < count; i++) waitpid(pids[i], 0, 0);
  return 0;
}
`;

/** `count` processes of the daemon that the other sides start as well. */
export function floorSide(place: string, count: number): Side {
  const cc = Bun.which('cc');
  if (cc === null) return { who: FLOOR_WITHOUT_CC, once: () => loopHere(count) };
  const program = join(place, 'floor');
  writeFileSync(`${program}.c`, LOOP);
  must([cc, '-O2', '-static', '-o', program, `${program}.c`]);
  return {
    who: FLOOR,
    once: () => Number(Bun.spawnSync([program, join(place, 'pause'), String(count)]).stdout.toString()),
  };
}

function loopHere(count: number): number {
  const began = performance.now();
  const children = Array.from({ length: count }, () =>
    Bun.spawn(['sleep', '1000000'], { stdio: ['ignore', 'ignore', 'ignore'] }),
  );
  const elapsed = performance.now() - began;
  for (const child of children) child.kill('SIGKILL');
  return elapsed;
}
