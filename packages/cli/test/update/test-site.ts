/** A source, a compiled database and a live directory of a test's own, in RAM, and the built commands on them. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine } from '@muster/posix/process';
import { BOUNDED } from '@muster/posix/test/bounded';
import { haveExecuted } from '@muster/posix/test/processes';
import { makeTree, type Tree } from '../compile/trees.ts';
import { killIfThere } from '../end-to-end/machine.ts';

const BUILD = join(import.meta.dirname, '../../../../build');
const MARK = 'MUSTER_TEST_SITE';

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ServiceNow {
  readonly name: string;
  readonly state: string;
  readonly pid: number;
  readonly wanted: string;
  readonly stale: boolean;
}

export class TestSite {
  readonly root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'muster-update-'));
  readonly source = join(this.root, 'source');
  readonly compiled = join(this.root, 'compiled');
  readonly live: string;
  readonly environment;

  /** `live`: where below `root` the live directory is. */
  constructor(live = 'live') {
    this.live = join(this.root, live);
    this.environment = {
      ...process.env,
      RC_SOURCE: this.source,
      RC_COMPILED: this.compiled,
      RC_LIVE: this.live,
      ORDER_LOG: join(this.root, 'order-log'),
      MUSTER_BUILD: BUILD,
      [MARK]: this.root,
    };
  }

  /** The path of a built command. */
  command(name: string): string {
    return join(BUILD, name);
  }

  /** Replaces the source. */
  write(tree: Tree): void {
    rmSync(this.source, { recursive: true, force: true });
    makeTree(this.source, tree);
  }

  run(command: string, ...args: string[]): Ran {
    const { status, stdout, stderr } = spawnSync(join(BUILD, command), args, {
      ...BOUNDED,
      env: this.environment,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  /** The same without keeping the test's process waiting. */
  runAside(command: string, ...args: string[]): Promise<Ran> {
    return this.execute(join(BUILD, command), args);
  }

  execute(path: string, args: readonly string[]): Promise<Ran> {
    return new Promise((resolve) => {
      const child = spawn(path, args, { env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] });
      const told = { stdout: '', stderr: '' };
      child.stdout.on('data', (bytes) => {
        told.stdout += bytes;
      });
      child.stderr.on('data', (bytes) => {
        told.stderr += bytes;
      });
      child.on('close', (status) => resolve({ status, ...told }));
    });
  }

  /** Runs a command that must succeed. Returns what it printed. */
  async must(command: string, ...args: string[]): Promise<string> {
    const ran = await this.runAside(command, ...args);
    if (ran.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${ran.status}\n${ran.stderr}`);
    return ran.stdout;
  }

  async compile(tree: Tree): Promise<void> {
    this.write(tree);
    await this.must('rc-compile', this.source, this.compiled);
  }

  async boot(tree: Tree, up: readonly string[]): Promise<void> {
    await this.compile(tree);
    await this.must('rc-init');
    if (up.length > 0) await this.must('rc-change', '--', ...up);
  }

  async services(): Promise<ServiceNow[]> {
    return JSON.parse(await this.must('rc-status', '--json')).services;
  }

  async up(): Promise<string[]> {
    const services = await this.services();
    return services.filter(({ state }) => state === 'up' || state === 'ready').map(({ name }) => name);
  }

  async pids(): Promise<Map<string, number>> {
    return new Map((await this.services()).filter(({ pid }) => pid > 0).map(({ name, pid }) => [name, pid]));
  }

  log(): string[] {
    const path = this.environment.ORDER_LOG;
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  }

  /** Processes of services whose `run` becomes sleep, once those that are known have become it. */
  async daemons(): Promise<number[]> {
    await haveExecuted((await this.pids()).values(), 'sleep');
    return this.processes().filter((pid) => commandLine(pid)?.[0] === 'sleep');
  }

  /** Embedded trees. */
  trees(): number[] {
    return this.processes().filter((pid) => commandLine(pid)?.[1] === 'svscan');
  }

  /** Processes of the command `name`. */
  commands(name: string): number[] {
    return this.processes().filter((pid) => commandLine(pid)?.[0]?.endsWith(name));
  }

  /** Ends every process that was started here, and removes everything. */
  remove(): void {
    for (let left = this.processes(); left.length > 0; left = this.processes()) {
      for (const pid of left) killIfThere(pid);
    }
    rmSync(this.root, { recursive: true, force: true });
  }

  processes(): number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid && isMarked(pid, this.root));
  }
}

/** Zombies have no environment, and are no processes here. */
function isMarked(pid: number, root: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${MARK}=${root}`);
  } catch {
    return false;
  }
}
