/** Where a command changes the world: its system calls that write, make, rename or remove something, from strace. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ran, TestSite } from '../update/test-site.ts';

const CALLS = [
  'write',
  'pwrite64',
  'writev',
  'rename',
  'renameat',
  'renameat2',
  'unlink',
  'unlinkat',
  'rmdir',
  'mkdir',
  'mkdirat',
  'symlink',
  'symlinkat',
  'mknod',
  'mknodat',
  'ftruncate',
  'fchmod',
  'chmod',
  'fchmodat',
  'open',
  'openat',
  'fcntl',
  'vfork',
  'clone',
  'clone3',
];

/** The `count`-th time (from 1) that a command does `call`. */
export interface Mutation {
  readonly call: string;
  readonly count: number;
  /** As strace shows it. */
  readonly line: string;
}

export function straceMissing(): string | null {
  return spawnSync('strace', ['-V']).status === 0 ? null : 'strace is not installed';
}

/** Runs a command under strace and returns what it changed below the site, and whom it told or started. */
export function traceMutations(site: TestSite, program: string, args: readonly string[]): Promise<Mutation[]> {
  return traceCalls(site, program, args, isMutation);
}

/** Runs a command under strace and returns those of its calls that could be refused below the site: reading as well. */
export function traceRefusable(site: TestSite, program: string, args: readonly string[]): Promise<Mutation[]> {
  const isRefusable = (call: string, line: string, root: string): boolean =>
    REFUSABLE.test(call) && line.includes(root) && !line.includes(' = -1 ');
  return traceCalls(site, program, args, isRefusable);
}

const REFUSABLE = /^(p?write|rename|unlink|rmdir|mkdir|symlink|mknod|ftruncate|f?chmod|open)/;

async function traceCalls(
  site: TestSite,
  program: string,
  args: readonly string[],
  isChosen: (call: string, line: string, root: string) => boolean,
): Promise<Mutation[]> {
  const output = join(site.root, 'trace');
  const words = ['-y', '-qq', '-s', '64', '-o', output, '-e', `trace=${CALLS.join(',')}`, program, ...args];
  const { status, stderr } = await site.execute('strace', words);
  if (status !== 0) throw new Error(`${program} under strace: ${status}\n${stderr}`);
  const counts = new Map<string, number>();
  return readFileSync(output, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const call = /^(\w+)\(/.exec(line)?.[1];
      if (call === undefined) return [];
      const count = (counts.get(call) ?? 0) + 1;
      counts.set(call, count);
      return isChosen(call, line, site.root) ? [{ call, count, line }] : [];
    });
}

function isMutation(call: string, line: string, root: string): boolean {
  if (call === 'vfork' || call === 'clone' || call === 'clone3') return !line.includes('CLONE_THREAD');
  if (!line.includes(root)) return false;
  if (call === 'open' || call === 'openat') return /O_CREAT|O_TRUNC/.test(line);
  if (call === 'fcntl') return /F_SETLK|F_OFD_SETLK/.test(line);
  return true;
}

/** Runs a command that is killed when it is about to do `mutation`. False: it never came to that, and ended by itself. */
export async function killAt(
  site: TestSite,
  { call, count }: Mutation,
  program: string,
  args: readonly string[],
): Promise<boolean> {
  const inject = `inject=${call}:signal=SIGKILL:when=${count}`;
  const words = ['-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject, program, ...args];
  const { status } = await site.execute('strace', words);
  return status === null;
}

/** A refusal: of one call, or of all of its kind from there on, as on a file system that is full or broken for good. */
export interface Refusal {
  readonly error: string;
  readonly forGood: boolean;
}

/** Runs a command whose `mutation` the system refuses. */
export function refuseAt(
  site: TestSite,
  { call, count }: Mutation,
  { error, forGood }: Refusal,
  program: string,
  args: readonly string[],
): Promise<Ran> {
  const inject = `inject=${call}:error=${error}:when=${count}${forGood ? '+' : ''}`;
  const words = ['-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject, program, ...args];
  return site.execute('strace', words);
}
