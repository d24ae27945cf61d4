/**
 * A live directory on a small file system of its own, besieged: its tree is killed, and no command revives it; commands
 * are killed; the file system fills and empties; and somebody without rights sends what he can to all that he can reach.
 * Then everybody lets go, and it must be whole: see `calm`.
 *
 *     steady-*  are never touched: their processes must stay the same to the end
 *     moved-*   are told to go up and down at random
 *     once-*    oneshots, which must never run twice at a time
 */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@muster/core/test/simulation/random';
import { commandLine } from '@muster/posix/process';
import { eventually } from '@muster/posix/test/eventually';
import type { Tree } from '../compile/trees.ts';
import { type Ran, TestSite } from '../update/test-site.ts';
import { intrude, SECRET } from './intruder.ts';

/** The keeper of a tree gives up after ten deaths in a minute, so a siege kills less often. */
const BETWEEN_KILLS_MS = 6500;
/** Seconds after which a command hangs. */
const PATIENCE = 60;
const CHANGES = ['-u', '-u', '-d', '--restart'] as const;
/** Of exit-codes.ts: what a change may say while others are at it, the file system is full, or the tree is away. */
const STATUSES: ReadonlySet<number> = new Set([0, 1, 2, 5, 6, 111]);
const FILE_SYSTEM = 'size=16m,nr_inodes=4000,mode=0755';

const DAEMON = 'exec sleep 1000000\n';
const READY = 'echo >&3\n';
const STEADY = ['steady-plain', 'steady-ready', 'steady-closed', 'steady-user', 'steady-logged'];
const MOVED = ['moved-plain', 'moved-ready', 'moved-closed', 'moved-late', 'moved-deaf', 'once-quick', 'once-slow'];

export function siegeMissing(): string | null {
  if (process.getuid?.() !== 0) return 'only root can mount a file system and become somebody else';
  return spawnSync('mount', ['--version']).error === undefined ? null : 'there is no mount(8)';
}

function longrun(name: string, run: string, files: Tree = {}): Tree {
  return {
    [`${name}/type`]: 'longrun\n',
    [`${name}/run`]: { text: `#!/bin/sh\n${run}`, mode: 0o755 },
    ...Object.fromEntries(Object.entries(files).map(([path, entry]) => [`${name}/${path}`, entry])),
  };
}

function oneshot(name: string, root: string, seconds: string): Tree {
  const twice = `echo "${name} runs twice at a time" >> '${root}/wrong'`;
  const script = `#!/bin/sh\nexec 8>> '${root}/${name}.held'\nflock -n 8 || ${twice}\nsleep ${seconds} 8>&-\n`;
  return {
    [`${name}/type`]: 'oneshot\n',
    [`${name}/up`]: { text: script, mode: 0o755 },
    [`${name}/down`]: { text: script, mode: 0o755 },
    [`${name}/timeout-up`]: '20000\n',
  };
}

function sourceOf(root: string): Tree {
  const notifying = { 'notification-fd': '3\n' };
  return {
    ...longrun('steady-plain', DAEMON, { 'env/KEY': { text: SECRET, mode: 0o600 } }),
    ...longrun('steady-ready', READY + DAEMON, notifying),
    ...longrun('steady-closed', `${READY}exec 3>&-\n${DAEMON}`, notifying),
    ...longrun('steady-user', DAEMON, { user: '65534\n' }),
    ...longrun('steady-logged', `echo started\n${DAEMON}`, { log: `dir ${root}/log\n` }),
    ...longrun('moved-plain', DAEMON),
    ...longrun('moved-ready', READY + DAEMON, notifying),
    ...longrun('moved-closed', `${READY}exec 3>&-\n${DAEMON}`, notifying),
    ...longrun('moved-late', `sleep 0.05\n${READY}exec 3>&-\n${DAEMON}`, notifying),
    ...longrun('moved-deaf', `trap '' TERM\n${DAEMON}`, { 'timeout-kill': '50\n' }),
    ...oneshot('once-quick', root, '0.01'),
    ...oneshot('once-slow', root, '0.2'),
    'moved-ready/dependencies.d/once-quick': '',
    'moved-plain/dependencies.d/moved-closed': '',
  };
}

export class Siege {
  readonly site = new TestSite('ram/live');
  readonly counts = { commands: 0, commandsKilled: 0, treesKilled: 0, fillings: 0, boots: 0 };
  readonly #random: Random;
  readonly #ram = join(this.site.root, 'ram');
  readonly #breaches = new Set<string>();
  #pids = new Map<string, number>();
  #intruder: ChildProcess | null = null;
  #lastKill = Number.NEGATIVE_INFINITY;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  async boot(): Promise<void> {
    mkdirSync(this.#ram);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', FILE_SYSTEM, 'tmpfs', this.#ram], { encoding: 'utf8' });
    if (mounted.status !== 0) throw new Error(`unable to mount a tmpfs: ${mounted.stderr}`);
    // The mount point is root's own and looked into by the intruder; mkdtemp made its parent for us alone.
    chmodSync(this.site.root, 0o755);
    await this.site.boot(sourceOf(this.site.root), [...STEADY, ...MOVED]);
    await this.#notePids();
    this.#intruder = intrude(this.site.root, (breach) => this.#breaches.add(breach));
  }

  /** Kills the tree once, in the middle of what else goes on. Returns what is wrong. */
  async round(): Promise<string[]> {
    const isFull = this.#random.chance(0.3);
    if (isFull) this.#fill();
    const problems: string[] = [];
    const running = Array.from({ length: this.#random.below(4) }, async () => problems.push(...(await this.#change())));
    await this.#killTree();
    problems.push(...(await this.#hasReturned(isFull)));
    if (isFull) this.#empty();
    await Promise.all(running);
    if (this.#random.chance(0.04)) problems.push(...(await this.#bootAgain()));
    return problems;
  }

  /** Nobody disturbs any more, but the intruder. Returns what is wrong. */
  async calm(): Promise<string[]> {
    const { site } = this;
    this.#empty();
    const all = await site.runAside('rc-change', '-t', '40s', '--', ...STEADY, ...MOVED);
    const problems = all.status === 0 ? [] : [`everything up: ${all.status} ${all.stderr}`];
    const services = await site.services();
    for (const { name, state, pid } of services) {
      if (state !== 'up' && state !== 'ready') problems.push(`${name} is ${state}`);
      const before = this.#pids.get(name);
      if (before !== undefined && before !== pid) problems.push(`${name}: ${before} became ${pid}`);
    }
    const known = services.flatMap(({ pid, name }) => (pid > 0 && !name.endsWith('-log') ? [pid] : []));
    const sleeping = () => site.processes().filter((pid) => commandLine(pid)?.[0] === 'sleep');
    const inOrder = (pids: readonly number[]) => String(pids.toSorted((one, other) => one - other));
    await eventually('every daemon is known, once', () => inOrder(sleeping()) === inOrder(known)).catch(() =>
      problems.push(`known are the processes ${inOrder(known)}, there are ${inOrder(sleeping())}`),
    );
    const wrong = join(site.root, 'wrong');
    if (existsSync(wrong)) problems.push(...readFileSync(wrong, 'utf8').trimEnd().split('\n'));
    problems.push(...this.#breaches);
    return problems;
  }

  /** Brings everything down. Returns what is wrong. */
  async end(): Promise<string[]> {
    const down = await this.site.runAside('rc-shutdown', '-t', '40s');
    const problems = down.status === 0 ? [] : [`rc-shutdown: ${down.status} ${down.stderr}`];
    const left = this.site.processes();
    if (left.length > 0) problems.push(`rc-shutdown left the processes ${left.map(describe).join(', ')}`);
    return problems;
  }

  remove(): void {
    const pid = this.#intruder?.pid;
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    for (const left of this.site.processes()) kill(left);
    spawnSync('umount', ['-l', this.#ram]);
    this.site.remove();
  }

  async #notePids(): Promise<void> {
    const pids = await this.site.pids();
    this.#pids = new Map(STEADY.map((name) => [name, pids.get(name)!]));
  }

  /** A shutdown and a boot, the commands and the tree killed in the middle of either. */
  async #bootAgain(): Promise<string[]> {
    const { site } = this;
    this.counts.boots++;
    await this.#killedSoon('rc-shutdown');
    const problems = await this.end();
    await this.#killedSoon('rc-init');
    await site.must('rc-init');
    const rising = site.runAside('rc-change', '-t', '40s', '--', ...STEADY, ...MOVED);
    await this.#killTree();
    const { status, stderr } = await rising;
    if (status !== 0) problems.push(`a boot whose tree was killed: ${status} ${stderr}`);
    await this.#notePids();
    return problems;
  }

  async #killedSoon(command: string): Promise<void> {
    const limit = 0.02 + this.#random.fraction() * 0.3;
    await this.site.execute('timeout', ['-sKILL', limit.toFixed(3), this.site.command(command)]);
  }

  async #change(): Promise<string[]> {
    const isVictim = this.#random.chance(0.3);
    const limit = isVictim ? 0.02 + this.#random.fraction() * 0.3 : PATIENCE;
    const names = [this.#random.pick(MOVED), this.#random.pick(MOVED)];
    const words = ['rc-change', this.#random.pick(CHANGES), '-t', '30s', '--', ...names];
    const [command, ...args] = words;
    const called = [`-sKILL`, limit.toFixed(3), this.site.command(command!), ...args];
    return this.#judge(words.join(' '), await this.site.execute('timeout', called), isVictim);
  }

  #judge(command: string, { status, stderr }: Ran, isVictim: boolean): string[] {
    this.counts.commands++;
    if (status === null || status === 137) {
      if (isVictim) this.counts.commandsKilled++;
      return isVictim ? [] : [`${command} hangs: ${stderr}`];
    }
    const isOdd = !STATUSES.has(status) || /^ +at |should not have happened/m.test(stderr);
    return isOdd ? [`${command}: ${status} ${stderr}`] : [];
  }

  async #killTree(): Promise<void> {
    const pause = this.#lastKill + BETWEEN_KILLS_MS - performance.now() + this.#random.fraction() * 500;
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    for (const pid of this.site.trees()) {
      kill(pid);
      this.counts.treesKilled++;
    }
    this.#lastKill = performance.now();
  }

  /** Without any command. While the file system is full it may be away. */
  async #hasReturned(isFull: boolean): Promise<string[]> {
    if (isFull) {
      await new Promise((resolve) => setTimeout(resolve, this.#random.fraction() * 3000));
      return [];
    }
    try {
      await eventually('the tree is back', () => this.site.trees().length === 1);
      return [];
    } catch (error) {
      return [String(error)];
    }
  }

  /** Blocks, or else inodes. */
  #fill(): void {
    this.counts.fillings++;
    const ballast = join(this.#ram, 'ballast');
    mkdirSync(ballast, { recursive: true });
    try {
      if (this.#random.chance(0.5)) fillBlocks(join(ballast, 'blocks'));
      else for (let n = 0; ; n++) closeSync(openSync(join(ballast, `${n}`), 'w'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  #empty(): void {
    rmSync(join(this.#ram, 'ballast'), { recursive: true, force: true });
  }
}

function fillBlocks(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let block = Buffer.alloc(65_536); ; ) writeSync(file, block);
  } finally {
    closeSync(file);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

function describe(pid: number): string {
  try {
    return `${pid} (${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trimEnd()})`;
  } catch {
    return String(pid);
  }
}
