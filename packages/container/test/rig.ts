/**
 * Containers of a test's own: the built executable as process 1 of namespaces of its own, with its places in a directory in RAM that
 * the test sees too.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { processFacts } from '@muster/posix/process';
import { eventually } from '@muster/posix/test/eventually';
import { processesWith } from '@muster/posix/test/processes';

const BUILD = join(import.meta.dirname, '../../../build');
/** Set in everything that a container runs. */
const MARK = 'MUSTER_TEST_CONTAINER';
export const UNSHARE = ['unshare', '--pid', '--mount', '--fork', '--kill-child', '--mount-proc'];

export const canContain = spawnSync(UNSHARE[0]!, [...UNSHARE.slice(1), 'true']).status === 0;
if (!canContain) console.log('skipped: containers, which take root and unshare');

/** Services by name; each is its files. */
export type Source = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface StartOptions {
  readonly options?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** A line of shell that is done in the namespaces before rc-container is executed. */
  readonly before?: string;
  /** Words before rc-container, which become it. */
  readonly through?: readonly string[];
  /** Whether what it writes is read from the beginning. */
  readonly isRead?: boolean;
}

export class ContainerRig {
  readonly directory: string;
  readonly live: string;
  readonly source: string;
  readonly #started: RunningContainer[] = [];

  /** `NAME.d/`-like paths of files are made as they are; `$D` in a file is the directory of the test. */
  constructor(source: Source, base = '/dev/shm') {
    this.directory = mkdtempSync(`${base}/muster-container-`);
    // Some containers run as another user.
    chmodSync(this.directory, 0o755);
    this.live = join(this.directory, 'live');
    this.source = join(this.directory, 'source');
    this.write(source);
  }

  /** Of rc-container. */
  get environment(): Record<string, string> {
    return {
      RC_SOURCE: this.source,
      RC_COMPILED: join(this.directory, 'compiled'),
      RC_LIVE: this.live,
      D: this.directory,
      [MARK]: this.directory,
      PATH: `${BUILD}:${process.env.PATH}`,
    };
  }

  write(source: Source): void {
    for (const [name, files] of Object.entries(source)) {
      for (const [path, text] of Object.entries(files)) {
        const file = join(this.source, name, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text.replaceAll('$D', this.directory));
      }
    }
  }

  start({
    options = [],
    command = [],
    environment = {},
    before = ':',
    through = [],
    isRead = true,
  }: StartOptions = {}): RunningContainer {
    const words = [...through, 'rc-container', ...options, ...(command.length === 0 ? [] : ['--', ...command])];
    const child = spawn(UNSHARE[0]!, [...UNSHARE.slice(1), 'sh', '-c', `${before}\nexec "$@"`, 'sh', ...words], {
      env: { ...this.environment, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const running = new RunningContainer(child);
    if (isRead) running.read();
    this.#started.push(running);
    return running;
  }

  say(name: string, text: string): void {
    writeFileSync(join(this.directory, name), `${text}\n`);
  }

  remove(name: string): void {
    rmSync(join(this.directory, name), { force: true });
  }

  /** What a file in the test's directory holds; empty if it is not there. */
  read(name: string): string {
    const path = join(this.directory, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  async holds(name: string, text: string): Promise<void> {
    await eventually(`${name} holds ${text}`, () => this.read(name).includes(text));
  }

  processes() {
    return processesWith(MARK, this.directory);
  }

  /** A command as somebody who enters the container calls it. */
  run(...words: readonly string[]) {
    const env = { ...process.env, PATH: `${BUILD}:${process.env.PATH}`, RC_LIVE: this.live } as Record<string, string>;
    return spawnSync(words[0]!, words.slice(1), { env, encoding: 'utf8', timeout: 60_000 });
  }

  /** Likewise, in the namespaces of a container, as process 1 of it sees them, without its environment. */
  enter(container: RunningContainer, ...words: readonly string[]) {
    const inside = ['nsenter', '--target', String(container.pid), '--mount', '--pid', ...words];
    const env = { PATH: `${BUILD}:${process.env.PATH}` };
    return spawnSync(inside[0]!, inside.slice(1), { env, encoding: 'utf8', timeout: 60_000 });
  }

  dispose(): void {
    for (const container of this.#started) container.kill();
    for (let left = this.processes(); left.length > 0; left = this.processes()) {
      for (const { pid } of left) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It has ended since it was found.
        }
      }
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export class RunningContainer {
  readonly #unshare: ChildProcess;
  readonly #ended: Promise<unknown>;
  stdout = '';
  stderr = '';

  constructor(unshare: ChildProcess) {
    this.#unshare = unshare;
    this.#ended = once(unshare, 'close');
  }

  /** From now on. */
  read(): void {
    this.#unshare.stdout!.on('data', (text) => {
      this.stdout += text;
    });
    this.#unshare.stderr!.on('data', (text) => {
      this.stderr += text;
    });
  }

  get input() {
    return this.#unshare.stdin!;
  }

  /** Its pid outside. */
  get pid(): number {
    const pid = childrenOf(this.#unshare.pid!)[0];
    if (pid === undefined) throw new Error(`there is no process 1: ${this.stderr}`);
    return pid;
  }

  /** Nothing is done if it has ended. */
  async signal(signal: NodeJS.Signals | number): Promise<void> {
    const pid = await eventually('process 1', () => (this.hasEnded ? 'gone' : childrenOf(this.#unshare.pid!)[0]));
    if (pid === 'gone') return;
    // Bun knows no real-time signals.
    spawnSync('kill', [`-${String(signal).replace('SIG', '')}`, String(pid)]);
  }

  get hasEnded(): boolean {
    return this.#unshare.exitCode !== null || this.#unshare.signalCode !== null;
  }

  /** What it exits with; a signal as 128 and its number is what unshare makes of one. */
  async status(): Promise<number> {
    await this.#ended;
    const { exitCode, signalCode } = this.#unshare;
    if (exitCode === null) throw new Error(`ended by ${signalCode}`);
    return exitCode;
  }

  /** Of those whose parent is process 1. */
  zombies(): number {
    return childrenOf(this.pid).filter((pid) => processFacts(pid)?.zombie).length;
  }

  kill(): void {
    this.#unshare.kill('SIGKILL');
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((other) => Number.isInteger(other) && parentOf(other) === pid);
}

function parentOf(pid: number): number | undefined {
  try {
    return processFacts(pid)?.parent;
  } catch {
    return undefined;
  }
}
