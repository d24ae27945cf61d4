/**
 * Containers by podman and runc, with a storage of their own in a temporary directory over the images of scripts/containers.sh. The
 * driver of their logs writes a file, so that nobody has to be attached for a line to be seen.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isRunning, type ProcessIdentity } from '@muster/posix/process';
import { must, run } from './command.ts';
import type { Answer, Container, Engine, ExecOptions, RunOptions } from './engine.ts';
import { BUILT, EXECUTABLE, entrypointOf, type Image, writeFiles } from './image.ts';
import { lineOf, untilEnded } from './output.ts';
import { imageStore, podmanDriver } from './roots.ts';
import { abandonedWorkplaces, makeWorkplace } from './workplace.ts';

/** Nothing is shared with other podmans of this machine, not even the locks that they have in /dev/shm. */
const CONFIGURATION = (directory: string) => `[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
lock_type = "file"
events_logger = "none"
tmp_dir = "${directory}/tmp"
`;
/** Podman's own defaults are above what a container of a container may have. */
const BOUNDS = ['--network=none', '--ulimit', 'nofile=1024:4096', '--ulimit', 'nproc=1000:1000'];

/** A container whose namespaces others share goes in the round after theirs. */
const ROUNDS = 5;

export class PodmanEngine implements Engine {
  readonly name = 'podman';
  readonly directory: string;
  readonly #images = new Map<string, Promise<string>>();
  readonly #containers: PodmanContainer[] = [];

  private constructor(directory: string) {
    this.directory = directory;
    writeFileSync(join(directory, 'containers.conf'), CONFIGURATION(directory));
  }

  static async open(): Promise<PodmanEngine> {
    for (const directory of abandonedWorkplaces('podman')) await new PodmanEngine(directory).dispose();
    return new PodmanEngine(makeWorkplace('podman'));
  }

  command(...args: readonly string[]): string[] {
    const { directory } = this;
    const places = ['--root', join(directory, 'root'), '--runroot', join(directory, 'run')];
    const store = ['--storage-driver', podmanDriver ?? 'vfs', '--storage-opt', `additionalimagestore=${imageStore}`];
    return ['podman', ...store, ...places, ...args];
  }

  get environment(): Record<string, string | undefined> {
    return { ...process.env, CONTAINERS_CONF: join(this.directory, 'containers.conf') };
  }

  must(...args: readonly string[]): Promise<string> {
    return must(this.command(...args), this.environment);
  }

  try(...args: readonly string[]): Promise<Answer> {
    return run(this.command(...args), this.environment);
  }

  /** Built once for each description. */
  build(image: Image): Promise<string> {
    const key = JSON.stringify(image);
    const known = this.#images.get(key);
    if (known !== undefined) return known;
    const tag = `image-${this.#images.size}`;
    const built = this.#build(image, tag);
    this.#images.set(key, built);
    return built;
  }

  /** `context` has a Containerfile. Returns what the image is called by. */
  buildIn(context: string, tag: string): Promise<string> {
    const recipe = join(context, 'Containerfile');
    return this.must('build', '-q', '--layers=false', ...BOUNDS, '-f', recipe, '-t', tag, context);
  }

  async #build(image: Image, tag: string): Promise<string> {
    const context = join(this.directory, tag);
    mkdirSync(context);
    writeFiles(image, join(context, 'files'));
    // ADD keeps the owners that are in an archive; COPY gives everything to root.
    await must(['tar', '-C', join(context, 'files'), '-cf', join(context, 'files.tar'), '.']);
    const recipe = `FROM muster-test/${image.base}\nADD files.tar /\nENTRYPOINT ${JSON.stringify(entrypointOf(image))}\n`;
    writeFileSync(join(context, 'Containerfile'), recipe);
    return this.buildIn(context, tag);
  }

  async run(image: Image, options: RunOptions = {}): Promise<Container> {
    const podman = ['-v', `${BUILT}:${EXECUTABLE}:ro`, ...(options.podman ?? [])];
    return this.runBuilt(await this.build(image), { ...options, podman });
  }

  /** One that `podman build` has made, with whatever is in it. */
  async runBuilt(id: string, options: RunOptions = {}): Promise<Container> {
    const container = new PodmanContainer(this, `muster-${process.pid}-${this.#containers.length}`);
    this.#containers.push(container);
    const args = [...container.options(), ...BOUNDS, ...flags(options), id, ...(options.args ?? [])];
    if (options.input === undefined) await this.must('run', '-d', ...args);
    else {
      await this.must('create', '-i', ...args);
      const client = Bun.spawn(this.command('start', '-a', '-i', container.name), {
        env: this.environment,
        stdin: new Blob([options.input]),
        stdout: 'ignore',
        stderr: 'ignore',
      });
      await Promise.race([client.exited, container.hasStarted()]);
    }
    return container;
  }

  async dispose(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const { stdout } = await this.try('ps', '--all', '--quiet');
      if (stdout === '') break;
      await this.try('rm', '--all', '--force', '--time', '0');
    }
    await run(['umount', join(this.directory, 'root/overlay')]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function flags(options: RunOptions): string[] {
  const { environment = {}, volumes = {}, tmpfs = [] } = options;
  return [
    ...Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
    ...Object.entries(volumes).flatMap(([inside, outside]) => ['-v', `${outside}:${inside}`]),
    ...tmpfs.flatMap((path) => ['--tmpfs', path]),
    ...(options.user === undefined ? [] : ['--user', options.user]),
    ...(options.readOnly ? ['--read-only', '--read-only-tmpfs=false'] : []),
    ...(options.entrypoint === undefined ? [] : ['--entrypoint', options.entrypoint]),
    ...(options.pidOf === undefined ? [] : ['--pid', `container:${options.pidOf.name}`]),
    ...(options.podman ?? []),
  ];
}

class PodmanContainer implements Container {
  readonly name: string;
  readonly #engine: PodmanEngine;
  readonly #log: string;
  #process: ProcessIdentity | null = null;

  constructor(engine: PodmanEngine, name: string) {
    this.#engine = engine;
    this.name = name;
    this.#log = join(engine.directory, `${name}.log`);
  }

  options(): string[] {
    return ['--name', this.name, '--log-driver=k8s-file', '--log-opt', `path=${this.#log}`];
  }

  async hasStarted(): Promise<void> {
    await this.#engine.try('wait', '--condition=running', this.name);
  }

  stdout(): string {
    return this.#written('stdout');
  }

  stderr(): string {
    return this.#written('stderr');
  }

  /** `TIME stdout F TEXT`; P instead of F if the line goes on in the next one. */
  #written(stream: string): string {
    if (!existsSync(this.#log)) return '';
    return readFileSync(this.#log, 'utf8')
      .split('\n')
      .map((line) => /^\S+ (\w+) ([FP]) (.*)$/.exec(line))
      .map((parts) => (parts?.[1] === stream ? parts[3] + (parts[2] === 'F' ? '\n' : '') : ''))
      .join('');
  }

  line(pattern: RegExp): Promise<string> {
    return lineOf(this, pattern);
  }

  exec(command: readonly string[], options: ExecOptions = {}): Promise<Answer> {
    const { environment = {}, user } = options;
    const variables = Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    return this.#engine.try('exec', ...variables, ...(user === undefined ? [] : ['-u', user]), this.name, ...command);
  }

  async kill(signal: string): Promise<void> {
    await this.#engine.must('kill', '--signal', signal, this.name);
  }

  async stop(seconds: number): Promise<void> {
    await this.#engine.must('stop', '--time', String(seconds), this.name);
  }

  ended(): Promise<number> {
    return untilEnded(this, async () => Number(await this.#engine.must('wait', this.name)));
  }

  async start(): Promise<void> {
    await this.#engine.must('start', this.name);
  }

  async pid(): Promise<number> {
    if (this.#process !== null && isRunning(this.#process.pid, this.#process.startTime)) return this.#process.pid;
    const pid = Number(await this.#engine.must('inspect', '--format', '{{.State.Pid}}', this.name));
    this.#process = pid === 0 ? null : identityOf(pid);
    return pid;
  }
}
