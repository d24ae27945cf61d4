/**
 * Changes and updates at once, some of which are killed, and the supervision tree with them. What each of them makes of it
 * is its own affair, as long as it ends with an exit status that says so; afterwards everything can be had up, every
 * process is known, and nothing is left of anybody.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@muster/core/test/simulation/random';
import type { Tree } from '../compile/trees.ts';
import { type Ran, TestSite } from '../update/test-site.ts';

const COMMANDS = 10;
/** Seconds after which a command hangs. */
const PATIENCE = 40;
const CHANGES = ['-u', '-u', '-d', '--restart', '-p'] as const;
/** Of exit-codes.ts: those that say how a change or an update ended among others. */
const STATUSES: ReadonlySet<number> = new Set([0, 1, 2, 3, 5, 9, 10]);

const NAMES = Array.from({ length: 12 }, (_, index) => `n${index}`);
/** What the second database calls some of them. */
const RENAMED = new Map([
  ['n3', 'm3'],
  ['n7', 'm7'],
]);

function treeOf(variant: 0 | 1): Tree {
  const called = (name: string): string => (variant === 1 ? (RENAMED.get(name) ?? name) : name);
  const entries = NAMES.flatMap((name, index): [string, Tree[string]][] => {
    const now = called(name);
    const isScript = index % 4 === 1;
    const needs = index < 3 ? [] : [NAMES[index - 2]!, NAMES[index - 3]!];
    const text = variant === 1 && (index === 4 || index === 7) ? '# another\n' : '';
    return [
      [`${now}/type`, isScript ? 'oneshot\n' : 'longrun\n'],
      ...(isScript
        ? ([
            [`${now}/up`, 'sleep 0.02\n'],
            [`${now}/down`, 'sleep 0.01\n'],
          ] as [string, string][])
        : [[`${now}/run`, { text: `#!/bin/sh\n${text}exec sleep 1000000\n`, mode: 0o755 }] as [string, Tree[string]]]),
      ...(now === name ? [] : [[`${now}/renamed-from`, `${name}\n`] as [string, string]]),
      ...needs.map((need) => [`${now}/dependencies.d/${called(need)}`, ''] as [string, string]),
    ];
  });
  return Object.fromEntries(entries);
}

export class Melee {
  readonly site: TestSite;
  readonly #initArgs: readonly string[];
  readonly counts = { commands: 0, killed: 0, treesKilled: 0 };
  readonly #random: Random;

  constructor(seed: number, site = new TestSite(), initArgs: readonly string[] = []) {
    this.site = site;
    this.#initArgs = initArgs;
    this.#random = new Random(seed);
  }

  async boot(): Promise<void> {
    for (const variant of [0, 1] as const) {
      this.site.write(treeOf(variant));
      await this.site.must('rc-compile', this.site.source, this.#compiled(variant));
    }
    await this.site.must('rc-init', '-c', this.#compiled(0), ...this.#initArgs);
  }

  #compiled(variant: 0 | 1): string {
    return join(this.site.root, `compiled-${variant}`);
  }

  /** Returns what is wrong. */
  async round(): Promise<string[]> {
    const problems: string[] = [];
    const running = Array.from({ length: COMMANDS }, async () => {
      const [command, ...args] = this.#command();
      const isVictim = this.#random.chance(0.3);
      const limit = isVictim ? 0.02 + this.#random.fraction() * 0.15 : PATIENCE;
      const words = ['-s', 'KILL', limit.toFixed(3), this.site.command(command!), ...args];
      problems.push(...this.#judge(words.slice(3).join(' '), await this.site.execute('timeout', words), isVictim));
    });
    if (this.#random.chance(0.3)) for (const pid of this.site.trees()) this.#killTree(pid);
    await Promise.all(running);
    return [...problems, ...(await this.#calm())];
  }

  #command(): string[] {
    if (this.#random.chance(0.2)) {
      const target = this.#random.pick([
        [this.#compiled(0)],
        [this.#compiled(1)],
        ['--restart', 'all', this.#compiled(1)],
      ]);
      return ['rc-update', ...target];
    }
    return ['rc-change', this.#random.pick(CHANGES), '--', this.#random.pick(NAMES), this.#random.pick(NAMES)];
  }

  #killTree(pid: number): void {
    try {
      process.kill(pid, 'SIGKILL');
      this.counts.treesKilled++;
    } catch {
      // It was one that found another there before it.
    }
  }

  #judge(command: string, { status, stderr }: Ran, isVictim: boolean): string[] {
    this.counts.commands++;
    if (status === null || status === 137) {
      if (isVictim) this.counts.killed++;
      return isVictim ? [] : [`${command} hangs: ${stderr}`];
    }
    const isOdd = !STATUSES.has(status) || /^ +at |should not have happened/m.test(stderr);
    return isOdd ? [`${command}: ${status} ${stderr}`] : [];
  }

  /** Nobody disturbs any more. */
  async #calm(): Promise<string[]> {
    const { site } = this;
    const settled = await site.runAside('rc-change');
    if (settled.status !== 0) return [`rc-change: ${settled.status} ${settled.stderr}`];
    const names = (await site.services()).map(({ name }) => name);
    const all = await site.runAside('rc-change', '--', ...names);
    if (all.status !== 0) return [`everything up: ${all.status} ${all.stderr}`];
    const services = await site.services();
    const problems = services
      .filter(({ state }) => state !== 'up' && state !== 'ready')
      .map(({ name, state }) => `${name} is ${state}`);
    const known = services.flatMap(({ pid }) => (pid > 0 ? [pid] : [])).sort((a, b) => a - b);
    const daemons = (await site.daemons()).sort((a, b) => a - b);
    if (String(known) !== String(daemons)) problems.push(`known are the processes ${known}, there are ${daemons}`);
    const left = ['journal', 'journal.new', 'staged'].filter((name) => existsSync(join(site.live, name)));
    return [...problems, ...left.map((name) => `${name} was left`)];
  }
}
