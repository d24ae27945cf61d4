/** The recorded updates of s6-rc-update, as cases for ours. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '../compile/trees.ts';

export interface UpdateCase {
  readonly name: string;
  readonly tags: readonly string[];
  readonly tree1: Tree;
  readonly upBefore: readonly string[];
  readonly tree2: Tree;
  readonly conversion?: string;
  readonly flags?: readonly string[];
  readonly dryRun: {
    readonly exit: number;
    readonly stop?: readonly string[];
    readonly start?: readonly string[];
  };
  readonly exit: number;
  readonly switched: boolean;
  readonly stopped: readonly string[];
  readonly started: readonly string[];
  readonly failed?: { readonly stop?: readonly string[]; readonly start?: readonly string[] };
  readonly upAfter: readonly string[];
  readonly sameProcess: readonly (readonly [string, string])[];
  readonly log?: readonly string[];
  readonly before?: readonly (readonly [string, string])[];
}

const repository = join(import.meta.dirname, '../../../..');

export const RECORDED: readonly UpdateCase[] = JSON.parse(
  readFileSync(join(repository, 'fixtures/conformance/update.json'), 'utf8'),
).cases;

/** The case names in the first column of a table of docs/comparison.md, and what is said of each. */
export function documentedDifferences(section: string): string[] {
  const page = readFileSync(join(repository, 'docs/comparison.md'), 'utf8');
  const part = page.split(/^##+ /m).find((text) => text.startsWith(`${section}\n`));
  return [...(part ?? '').matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name]) => name!);
}
