/** dinit on the services of a source: each a process, and one that says when all the others have started. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './s6-scandir.ts';

const TELLER = `#include <fcntl.h>
#include <unistd.h>
int main(int argc, char **argv) { int fd = open(argv[1], O_WRONLY); return write(fd, "\\n", 1) == 1 ? 0 : 1; }
`;

/** Milliseconds for a boot. */
const LONGEST = 120_000;

/** Of a source of trees.ts: made anew for dinit below `place`. */
export class DinitSite {
  readonly #place: string;
  readonly #socket: string;
  readonly #told: string;
  #process: Bun.Subprocess | null = null;

  constructor(place: string, source: string) {
    this.#place = place;
    this.#socket = join(place, 'socket');
    this.#told = join(place, 'told');
    const services = join(place, 'services');
    mkdirSync(services, { recursive: true });
    must(['mkfifo', this.#told]);
    const names = readdirSync(source).filter((name) => name !== 'all');
    for (const name of names) {
      const program = programOf(join(source, name, 'run'));
      const needs = needsOf(join(source, name, 'dependencies.d')).map((need) => `depends-on: ${need}\n`);
      writeFileSync(join(services, name), `type = process\ncommand = ${program}\nrestart = false\n${needs.join('')}`);
    }
    const all = names.map((name) => `depends-on: ${name}\n`).join('');
    writeFileSync(join(services, 'boot'), `type = scripted\ncommand = ${this.#teller()}\n${all}`);
  }

  #teller(): string {
    const cc = Bun.which('cc');
    if (cc === null) return `/bin/sh -c "echo > ${this.#told}"`;
    writeFileSync(join(this.#place, 'tell.c'), TELLER);
    must([cc, '-O2', '-static', '-o', join(this.#place, 'tell'), join(this.#place, 'tell.c')]);
    return `${join(this.#place, 'tell')} ${this.#told}`;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get socket(): string {
    return this.#socket;
  }

  /** Resolves when everything has started. Throws if dinit ends before that, or says nothing within LONGEST. */
  async boot(): Promise<void> {
    // For writing as well: opening waits for nobody then, and a read that is given up can be ended.
    const told = await open(this.#told, 'r+');
    const dinit = Bun.spawn(['dinit', '-q', '-d', join(this.#place, 'services'), '-p', this.#socket, 'boot'], {
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    this.#process = dinit;
    const heard = told.read(Buffer.alloc(1)).then(() => null);
    const ended = dinit.exited.then((status) => `dinit ended with ${status}`);
    const waited = Promise.withResolvers<string>();
    const limit = setTimeout(() => waited.resolve(`dinit has not started everything in ${LONGEST} ms`), LONGEST);
    const problem = await Promise.race([heard, ended, waited.promise]);
    clearTimeout(limit);
    if (problem !== null) await told.write('\n');
    await heard;
    await told.close();
    if (problem !== null) throw new Error(problem);
  }

  async shutdown(): Promise<void> {
    this.#process?.kill('SIGTERM');
    await this.#process?.exited;
    this.#process = null;
  }
}

/** Of a script that is one line: its interpreter, which is the whole daemon, or what it becomes. */
function programOf(run: string): string {
  const [first = '', second = ''] = readFileSync(run, 'utf8').split('\n');
  return second.startsWith('exec ') ? `/bin/${second.slice('exec '.length)}` : first.slice('#!'.length);
}

function needsOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
