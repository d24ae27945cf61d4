/**
 * Instances that are kept for the next boot: a directory with a file `T@I` for each, JSON, for its owner alone:
 *
 *     {"version":1,"env":{"KEY":"value"}}
 */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isVariableName, type Variables } from '@muster/core/instances/instance-definition';
import { partsOf } from '@muster/core/instances/instance-set';
import { namesIn } from '@muster/posix/absence';
import { readRegularText } from '@muster/posix/regular-file';
import { replaceFile } from '@muster/posix/replace-file';
import { distrustOf, distrustWay } from './ownership.ts';

export interface KeptInstance {
  readonly name: string;
  readonly variables: Variables;
}

/** A file that is none, or that somebody else could have written. `why`: for people. */
export interface OddInstance {
  readonly name: string;
  readonly why: string;
}

/** In the order of their names. There may be no such directory. */
export function readKeptInstances(directory: string): { kept: KeptInstance[]; odd: OddInstance[] } {
  const kept: KeptInstance[] = [];
  const odd: OddInstance[] = [];
  const names = namesIn(directory).filter((name) => partsOf(name) !== null);
  for (const name of names.sort()) {
    const path = join(directory, name);
    try {
      const foreign = distrustWay(path) ?? distrustOf(path, statSync(path));
      const variables = foreign === null ? variablesFrom(readRegularText(path)) : null;
      if (variables !== null) kept.push({ name, variables });
      else odd.push({ name, why: foreign?.message ?? `${path} is not what rc-instance --persist writes` });
    } catch (error) {
      odd.push({ name, why: (error as Error).message });
    }
  }
  return { kept, odd };
}

/** Throws what the system says. */
export function keepInstance(directory: string, { name, variables }: KeptInstance): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const text = `${JSON.stringify({ version: 1, env: Object.fromEntries(variables) })}\n`;
  replaceFile(join(directory, name), text, { policy: 'durable', mode: 0o600, temporary: join(directory, '.new') });
}

export function forgetInstance(directory: string, name: string): void {
  rmSync(join(directory, name), { force: true });
}

function variablesFrom(text: string): Variables | null {
  let said: { version?: unknown; env?: unknown } | null;
  try {
    said = JSON.parse(text);
  } catch {
    return null;
  }
  if (said?.version !== 1 || typeof said.env !== 'object' || said.env === null) return null;
  const variables = Object.entries(said.env as Record<string, unknown>);
  const areSound = variables.every(([name, value]) => isVariableName(name) && typeof value === 'string');
  return areSound ? (sorted(variables) as unknown as Variables) : null;
}

function sorted<T>(variables: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] {
  return [...variables].sort(([a], [b]) => (a < b ? -1 : 1));
}
