/**
 * What scripts of s6-overlay images find below /run: the container's environment, the exit code, the services, and programs. Made
 * afresh, as what an earlier life of the container has left may be there.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { livePaths } from '@muster/store/live/paths';
import type { Environment } from '../environment.ts';

const RUN = '/run';
const S6 = 's6';
const RESULTS = 's6-linux-init-container-results';
/** What process 1 of s6-overlay is told by. */
const ENDING = ['halt', 'poweroff', 'reboot'];
/** Variables may be secrets. */
const PRIVATE = 0o700;

export class OverlayRunDirectory {
  /** Programs that the image lacks are links in it. */
  readonly programs: string;
  readonly #run: string;
  readonly #muster: string;

  /** `muster`: path of the executable. */
  constructor(muster: string, run = RUN) {
    this.#run = run;
    this.#muster = muster;
    this.programs = join(run, S6, 'muster');
  }

  /** Throws what the system says. */
  make(live: string, environment: Environment): void {
    for (const name of [S6, RESULTS, 'service']) rmSync(join(this.#run, name), { recursive: true, force: true });
    const results = join(this.#run, RESULTS);
    mkdirSync(results, { recursive: true });
    const s6 = join(this.#run, S6);
    mkdirSync(join(s6, 'basedir/bin'), { recursive: true });
    mkdirSync(this.programs);
    // Whatever the umask is: programs of all users are found there.
    for (const directory of [results, s6, join(s6, 'basedir'), join(s6, 'basedir/bin'), this.programs])
      chmodSync(directory, 0o755);
    for (const name of ENDING) this.#link(join(s6, 'basedir/bin', name), 'halt');
    const { scan } = livePaths(live);
    for (const path of ['service', 's6/services', 's6/legacy-services']) symlinkSync(scan, join(this.#run, path));
    this.#writeEnvironment(environment);
  }

  offer(names: readonly string[]): void {
    for (const name of names) this.#link(join(this.programs, name), name);
  }

  /** Programs that scripts name by path. Returns those that cannot be made, with the reason. */
  offerAt(links: ReadonlyMap<string, string>): string[] {
    const failed: string[] = [];
    for (const [path, name] of links) {
      try {
        mkdirSync(dirname(path), { recursive: true });
        this.#link(path, name);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        failed.push(
          `${path} is not in the image and cannot be made (${code}): make it there, a link to ${this.#muster}`,
        );
      }
    }
    return failed;
  }

  /** What the container is to exit with, if a script has said so; null if none has, or nothing that it could be. */
  get exitCode(): number | null {
    try {
      const text = readFileSync(join(this.#run, RESULTS, 'exitcode'), 'latin1').trim();
      return /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : null;
    } catch {
      return null;
    }
  }

  set exitCode(code: number) {
    writeFileSync(join(this.#run, RESULTS, 'exitcode'), `${code}\n`);
  }

  /** The executable is what it is called by: a link has the name of the program. */
  #link(path: string, program: string): void {
    if (existsSync(path)) return;
    if (path.endsWith(`/${program}`)) {
      symlinkSync(this.#muster, path);
      return;
    }
    const named = join(this.programs, program);
    if (!existsSync(named)) symlinkSync(this.#muster, named);
    symlinkSync(named, path);
  }

  #writeEnvironment(environment: Environment): void {
    const directory = join(this.#run, S6, 'container_environment');
    mkdirSync(directory, { mode: PRIVATE });
    for (const name of environment.names) {
      // What is no file's name is no shell's variable either.
      if (/^[A-Za-z_][A-Za-z0-9_.-]{0,254}$/.test(name))
        writeFileSync(join(directory, name), environment.bytesOf(name), { mode: 0o600 });
    }
  }
}
