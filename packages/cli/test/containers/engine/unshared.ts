/**
 * Containers by unshare(1): PID, mount, network, IPC and UTS namespaces of their own, and an overlay of the image's files and a
 * directory of the container's own over the root that scripts/containers.sh has made. What a container has mounted goes with its
 * mount namespace, and all of it with the process that holds the PID namespace.
 */
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { linkTarget } from '@muster/posix/absence';
import { commandLine, processFacts } from '@muster/posix/process';
import { sendSignal } from '@muster/posix/signals';
import { eventually } from '@muster/posix/test/eventually';
import { run } from './command.ts';
import type { Answer, Container, Engine, ExecOptions, RunOptions } from './engine.ts';
import { entrypointOf, type Image, writeFiles } from './image.ts';
import { lineOf, untilEnded } from './output.ts';
import { rootOf } from './roots.ts';
import { scriptFor } from './unshared-script.ts';
import { abandonedWorkplaces, makeWorkplace } from './workplace.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Its child is process 1. unshare(1) itself loses the signal that its child died of, and a shell says of it what nobody else has said. */
const OUTER = 'exec 3>&2 2>/dev/null; /bin/sh "$0" 2>&3 3>&-; exit $?';
const NAMESPACES = ['--mount', '--net', '--ipc', '--uts'];

export class UnshareEngine implements Engine {
  readonly name = 'unshare';
  readonly directory: string;
  readonly #images = new Map<string, string>();
  readonly #containers: UnsharedContainer[] = [];

  constructor() {
    for (const directory of abandonedWorkplaces('unshare')) {
      for (const pid of rootedBelow(directory)) sendSignal(pid, constants.signals.SIGKILL);
      rmSync(directory, { recursive: true });
    }
    this.directory = makeWorkplace('unshare');
  }

  async run(image: Image, options: RunOptions = {}): Promise<Container> {
    if (options.podman !== undefined) throw new Error(`only podman knows ${options.podman.join(' ')}`);
    const name = `container-${this.#containers.length}`;
    const directory = join(this.directory, name);
    for (const part of ['upper', 'work', 'root']) mkdirSync(join(directory, part), { recursive: true });
    const command = [...(options.entrypoint === undefined ? entrypointOf(image) : [options.entrypoint])];
    const layers = {
      lower: [this.#build(image), rootOf(image.base)],
      upper: join(directory, 'upper'),
      work: join(directory, 'work'),
      root: join(directory, 'root'),
    };
    const script = scriptFor(layers, options, [...command, ...(options.args ?? [])]);
    writeFileSync(join(directory, 'script'), script);
    writeFileSync(join(directory, 'input'), options.input ?? '');
    const container = new UnsharedContainer(name, directory, options);
    this.#containers.push(container);
    await container.start();
    return container;
  }

  #build(image: Image): string {
    const key = JSON.stringify(image);
    const known = this.#images.get(key);
    if (known !== undefined) return known;
    const directory = join(this.directory, `image-${this.#images.size}`);
    writeFiles(image, directory);
    this.#images.set(key, directory);
    return directory;
  }

  async dispose(): Promise<void> {
    for (const container of this.#containers.reverse()) await container.remove();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

class UnsharedContainer implements Container {
  readonly name: string;
  readonly #directory: string;
  readonly #options: RunOptions;
  readonly #environment: Record<string, string>;
  /** The shell whose child is the container's process 1, and which ends with its status. */
  #client: Bun.Subprocess | null = null;
  #pid = 0;

  constructor(name: string, directory: string, options: RunOptions) {
    this.name = name;
    this.#directory = directory;
    this.#options = options;
    this.#environment = { PATH, HOSTNAME: name, container: 'unshare', HOME: '/root', ...options.environment };
  }

  async start(): Promise<void> {
    const { pidOf } = this.#options;
    const [stdout, stderr] = [
      openSync(join(this.#directory, 'stdout'), 'a'),
      openSync(join(this.#directory, 'stderr'), 'a'),
    ];
    const own = ['unshare', ...NAMESPACES, ...(pidOf === undefined ? ['--pid'] : [])];
    const shared = pidOf === undefined ? [] : ['nsenter', '--target', String(await pidOf.pid()), '--pid'];
    const input = this.#options.input === undefined ? '/dev/null' : join(this.#directory, 'input');
    const client = Bun.spawn([...shared, ...own, '/bin/sh', '-c', OUTER, join(this.#directory, 'script')], {
      env: this.#environment,
      cwd: '/',
      stdin: Bun.file(input),
      stdout,
      stderr,
    });
    for (const file of [stdout, stderr]) closeSync(file);
    this.#client = client;
    this.#pid = await eventually('a process 1', () => (client.exitCode === null ? firstOf(client.pid) : -1));
  }

  stdout(): string {
    return readFileSync(join(this.#directory, 'stdout'), 'utf8');
  }

  stderr(): string {
    return readFileSync(join(this.#directory, 'stderr'), 'utf8');
  }

  line(pattern: RegExp): Promise<string> {
    return lineOf(this, pattern);
  }

  exec(command: readonly string[], options: ExecOptions = {}): Promise<Answer> {
    const [uid, gid = uid] = (options.user ?? this.#options.user ?? '0:0').split(':');
    const enter = [
      'nsenter',
      '--target',
      String(this.#pid),
      '--mount',
      '--net',
      '--ipc',
      '--uts',
      '--pid',
      '--root',
      '--wd',
    ];
    return run([...enter, `--setuid=${uid}`, `--setgid=${gid}`, ...command], {
      ...this.#environment,
      ...options.environment,
    });
  }

  async kill(signal: string): Promise<void> {
    const number = /^SIGRTMIN\+(\d+)$/.exec(signal)?.[1];
    sendSignal(
      this.#pid,
      number === undefined ? constants.signals[signal as NodeJS.Signals] : FIRST_REALTIME_SIGNAL + Number(number),
    );
  }

  async stop(seconds: number): Promise<void> {
    await this.kill('SIGTERM');
    const killer = setTimeout(() => void this.kill('SIGKILL'), seconds * 1000);
    await this.ended();
    clearTimeout(killer);
  }

  ended(): Promise<number> {
    return untilEnded(this, async () => {
      const client = this.#client!;
      return client.exited;
    });
  }

  async pid(): Promise<number> {
    return this.#client?.exitCode === null ? this.#pid : 0;
  }

  async remove(): Promise<void> {
    const client = this.#client;
    if (client === null) return;
    for (; client.exitCode === null; await Promise.race([client.exited, Bun.sleep(LOOK)]))
      for (const pid of rootedBelow(this.#directory)) sendSignal(pid, constants.signals.SIGKILL);
  }
}

/** Milliseconds until what has come since is looked for again. */
const LOOK = 50;
/** glibc's: the two before it are its own. */
const FIRST_REALTIME_SIGNAL = 34;

/** The container's process, once it has executed the program that was asked for; the shell before it obeys no signal. */
function firstOf(parent: number): number | null {
  for (const pid of childrenOf(parent)) {
    if ((linkTarget(`/proc/${pid}/root`) ?? '/') === '/') return firstOf(pid);
    return processFacts(pid) === null || commandLine(pid)?.[0]?.endsWith('/chroot') ? null : pid;
  }
  return null;
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

function rootedBelow(directory: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && linkTarget(`/proc/${pid}/root`)?.startsWith(`${directory}/`) === true);
}
