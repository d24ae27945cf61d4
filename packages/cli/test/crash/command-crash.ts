/** Kills rc-compile, rc-init and rc-change, and looks at what the same command makes of it when it is called again. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestSite } from '../update/test-site.ts';
import { killAt, type Mutation, traceMutations } from './mutations.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Violation } from './update-crash.ts';

const BUILD = join(import.meta.dirname, '../../../../build');
const { before: TREE, after: OTHER_TREE, up: UP } = SCENARIOS[0]!;

/** How a command is killed: at a system call, or at a moment. */
export type Kill = (site: TestSite, program: string, args: readonly string[]) => Promise<boolean>;

export const killingAt =
  (mutation: Mutation): Kill =>
  (site, program, args) =>
    killAt(site, mutation, program, args);

/** `delay` in milliseconds. */
export const killingAfter =
  (delay: number): Kill =>
  async (site, program, args) => {
    const { status } = await site.execute('timeout', ['-s', 'KILL', (delay / 1000).toFixed(4), program, ...args]);
    return status !== 0;
  };

/** A command on a machine of its own, that can be killed again and again. */
export interface CommandCrash {
  readonly name: string;
  mutations(): Promise<Mutation[]>;
  /** Kills the command, calls it again, and returns what is wrong then. */
  disturb(kill: Kill): Promise<string[]>;
  remove(): void;
}

export async function compileCrash(_initArgs: readonly string[] = [], site = new TestSite()): Promise<CommandCrash> {
  const program = join(BUILD, 'rc-compile');
  const args = [site.source, site.compiled];
  await site.compile(TREE);
  const old = readFileSync(site.compiled);
  await site.compile(OTHER_TREE);
  const next = readFileSync(site.compiled);
  const restore = () => writeFileSync(site.compiled, old);
  return {
    name: 'rc-compile',
    mutations: async () => {
      restore();
      return await traceMutations(site, program, args);
    },
    disturb: async (kill) => {
      restore();
      await kill(site, program, args);
      const left = readFileSync(site.compiled);
      const problems =
        left.equals(old) || left.equals(next) ? [] : ['the compiled file is neither the old nor the new one'];
      await site.must('rc-compile', ...args);
      if (!readFileSync(site.compiled).equals(next)) problems.push('compiled again, it is another one');
      const debris = readdirSync(site.root).filter((name) => name.startsWith('.'));
      return [...problems, ...debris.map((name) => `${name} was left`)];
    },
    remove: () => site.remove(),
  };
}

export async function initCrash(initArgs: readonly string[] = [], site = new TestSite()): Promise<CommandCrash> {
  const program = join(BUILD, 'rc-init');
  await site.compile(TREE);
  return {
    name: 'rc-init',
    mutations: async () => {
      const found = await traceMutations(site, program, initArgs);
      await site.must('rc-shutdown');
      return found;
    },
    disturb: async (kill) => {
      await kill(site, program, initArgs);
      const again = await site.runAside('rc-init', ...initArgs);
      if (again.status !== 0) return [`rc-init again: ${again.status} ${again.stderr}`];
      await site.must('rc-change', '--', ...UP);
      const problems = [...(await problemsWithUp(site, UP)), ...debrisBeside(site)];
      await site.must('rc-shutdown');
      return problems;
    },
    remove: () => site.remove(),
  };
}

/** `direction`: `-u` or `-d`. */
export async function changeCrash(
  direction: '-u' | '-d',
  initArgs: readonly string[] = [],
  site = new TestSite(),
): Promise<CommandCrash> {
  const program = join(BUILD, 'rc-change');
  const args = [direction, '--', ...UP];
  const back = async () => void (await site.must('rc-change', direction === '-u' ? '-d' : '-u', '--', ...UP));
  await site.compile(TREE);
  await site.must('rc-init', ...initArgs);
  if (direction === '-d') await back();
  return {
    name: `rc-change ${direction}`,
    mutations: async () => {
      const found = await traceMutations(site, program, args);
      await back();
      return found;
    },
    disturb: async (kill) => {
      await kill(site, program, args);
      await site.must('rc-status');
      const again = await site.runAside('rc-change', ...args);
      if (again.status !== 0) return [`rc-change again: ${again.status} ${again.stderr}`];
      const problems = await problemsWithUp(site, direction === '-u' ? UP : []);
      await back();
      return problems;
    },
    remove: () => site.remove(),
  };
}

async function problemsWithUp(site: TestSite, expected: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  const up = await site.up();
  if (String(up) !== String(expected)) problems.push(`up are ${up}, not ${expected}`);
  const known = new Set((await site.pids()).values());
  const daemons = await site.daemons();
  const strays = daemons.filter((pid) => !known.has(pid));
  if (strays.length > 0) problems.push(`processes that nobody knows: ${strays}`);
  if (known.size > daemons.length) problems.push(`of ${known.size} processes ${daemons.length} are there`);
  return problems;
}

function debrisBeside(site: TestSite): string[] {
  return readdirSync(site.root)
    .filter((name) => name.startsWith('.live'))
    .map((name) => `${name} was left`);
}

export async function disturbAll(
  crash: CommandCrash,
  kills: Iterable<readonly [at: string, kill: Kill]>,
): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const [at, kill] of kills) {
    for (const problem of await crash.disturb(kill)) violations.push({ scenario: crash.name, at, problem });
  }
  return violations;
}
