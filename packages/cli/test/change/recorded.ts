/** The recorded changes of s6-rc, and what their command lines are with Muster. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '../compile/trees.ts';

export interface ChangeStep {
  readonly args: readonly string[];
  readonly exit: number;
  readonly up: readonly string[];
  readonly stdout?: readonly string[];
  readonly log?: readonly string[];
  readonly before?: readonly (readonly [string, string])[];
  readonly downsFirst?: boolean;
  readonly failed?: { readonly start?: readonly string[]; readonly stop?: readonly string[] };
  readonly kept?: readonly string[];
}

export interface ChangeCase {
  readonly name: string;
  readonly tags: readonly string[];
  readonly tree: Tree;
  readonly steps: readonly (ChangeStep | { readonly wait: number })[];
}

const repository = join(import.meta.dirname, '../../../..');

export const RECORDED: readonly ChangeCase[] = JSON.parse(
  readFileSync(join(repository, 'fixtures/conformance/change.json'), 'utf8'),
).cases;

export interface CommandLine {
  readonly command: 'rc-change' | 'rc-list';
  readonly args: readonly string[];
}

const LONG: Readonly<Record<string, string>> = {
  '--up': '-u',
  '--down': '-d',
  '--all-down': '-D',
  '--add': '-a',
  '--prune': '-p',
};

interface Options {
  way: 'u' | 'd';
  force: boolean;
  all: boolean;
  prune: boolean;
  dry: boolean;
}

/** The same said to Muster; null: it is about s6-rc's own command line, or its `diff`. */
export function translated(args: readonly string[]): CommandLine | null {
  const options: Options = { way: 'u', force: false, all: false, prune: false, dry: false };
  let at = 0;
  for (; at < args.length && args[at]!.startsWith('-'); at++) {
    const letters = (LONG[args[at]!] ?? args[at]!).slice(1);
    for (const letter of letters) take(options, letter);
    if (letters === 'n') at++;
  }
  const [verb, ...names] = args.slice(at);
  switch (verb) {
    case 'change':
      return { command: 'rc-change', args: changeArguments(options, names) };
    case 'start':
      return { command: 'rc-change', args: changeArguments({ ...options, way: 'u', all: false, prune: false }, names) };
    case 'stop':
      return { command: 'rc-change', args: changeArguments({ ...options, way: 'd', all: false, prune: false }, names) };
    case 'list':
      return { command: 'rc-list', args: [`-${options.way}`, ...(options.all ? ['-a'] : []), '--', ...names] };
    case 'listall': {
      const closure = options.way === 'u' ? '--needs' : '--needed-by';
      return { command: 'rc-list', args: [closure, ...(options.all ? ['-a'] : []), '--', ...names] };
    }
    default:
      return null;
  }
}

function take(options: Options, letter: string): void {
  switch (letter) {
    case 'u':
    case 'd':
      options.way = letter;
      break;
    case 'D':
      options.way = 'd';
      options.force = true;
      break;
    case 'e':
      options.force = true;
      break;
    case 'E':
      options.force = false;
      break;
    case 'a':
      options.all = true;
      break;
    case 'p':
      options.prune = true;
      break;
    case 'n':
      options.dry = true;
      break;
    default:
      break;
  }
}

function changeArguments({ way, force, all, prune, dry }: Options, names: readonly string[]): string[] {
  const direction = way === 'u' ? '-u' : force ? '-D' : '-d';
  return [direction, ...(all ? ['-a'] : []), ...(prune ? ['-p'] : []), ...(dry ? ['-n'] : []), '--', ...names];
}

/** The case names in the first column of the table under `## Changing` in docs/comparison.md. */
export function documentedDifferences(): string[] {
  const page = readFileSync(join(repository, 'docs/comparison.md'), 'utf8');
  const part = page.split(/^## /m).find((text) => text.startsWith('Changing\n'));
  return [...(part ?? '').matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name]) => name!);
}
