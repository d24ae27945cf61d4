/**
 * with-contenv and printcontenv: what the container was started with, which rc-container has put into files, one for each variable,
 * and scripts have added to.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { isAbsent } from '@muster/posix/absence';
import { originalEnvironment } from '@muster/posix/environment';
import { print } from '../output.ts';
import { become } from './become.ts';
import { refuse, USAGE } from './program.ts';

export const CONTAINER_ENVIRONMENT = '/run/s6/container_environment';
const DEFAULT_PATH = '/usr/bin:/bin';

export function withContainerEnvironment(args: readonly string[]): number {
  if (args.length === 0) return refuse('with-contenv', 'which program?', USAGE);
  const path = process.env.PATH ?? DEFAULT_PATH;
  if (isKept()) return become('with-contenv', args, originalEnvironment(), path);
  const entries = new Map<string, Buffer>([['PATH', Buffer.from(path)]]);
  for (const name of variableNames()) entries.set(name, bytesOf(name)!);
  const environment = [...entries].map(([name, value]) => Buffer.concat([Buffer.from(`${name}=`), value, NUL]));
  return become('with-contenv', args, Buffer.concat(environment), entries.get('PATH')!.toString());
}

export function printContainerVariable([name]: readonly string[]): number {
  if (name === undefined) return refuse('printcontenv', 'which variable?', USAGE);
  const value = containerVariable(name);
  if (value === null) return 1;
  print(`${value}\n`);
  return 0;
}

/** Null if it is not set. */
export function containerVariable(name: string): string | null {
  if (isKept()) return process.env[name] || null;
  return bytesOf(name)?.toString() ?? null;
}

const NUL = Buffer.from([0]);

/** Then everybody has the whole environment. */
const isKept = () => (Number.parseInt(process.env.S6_KEEP_ENV ?? '', 10) || 0) !== 0;

function variableNames(): string[] {
  try {
    return readdirSync(CONTAINER_ENVIRONMENT).filter((name) => !name.startsWith('.') && !name.includes('='));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

/** A value ends at a NUL, which no variable can have. */
function bytesOf(name: string): Buffer | null {
  if (name === '' || name.includes('/')) return null;
  try {
    const bytes = readFileSync(`${CONTAINER_ENVIRONMENT}/${name}`);
    const end = bytes.indexOf(0);
    return end === -1 ? bytes : bytes.subarray(0, end);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
