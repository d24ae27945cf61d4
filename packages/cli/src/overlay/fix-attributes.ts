/**
 * fix-attrs: owners and modes of files by the lines in a directory: `path recurse account fmode dmode`. Links are not followed on the
 * way down: who can write there would have others' files given away.
 */
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  globSync,
  openSync,
  readdirSync,
  readFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { tell } from '../output.ts';
import { containerVariable } from './container-environment.ts';
import { refuse, USAGE } from './program.ts';
import { type UserIds, userIdsOf } from './user-ids.ts';

export function fixAttributes([directory]: readonly string[]): number {
  if (directory === undefined) return refuse('fix-attrs', 'which directory?', USAGE);
  const isHiddenToo = (Number.parseInt(containerVariable('S6_FIX_ATTRS_HIDDEN') ?? '', 10) || 0) !== 0;
  let status = 0;
  for (const file of readdirSync(directory).sort()) {
    const lines = readFileSync(join(directory, file), 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      const problem = fixLine(line, isHiddenToo);
      if (problem === null) continue;
      tell(`fix-attrs: ${join(directory, file)}:${index + 1}: ${problem}\n`);
      status = 1;
    }
  }
  return status;
}

interface Attributes {
  readonly account: UserIds;
  readonly fileMode: number;
  readonly directoryMode: number;
  readonly isRecursive: boolean;
  readonly isHiddenToo: boolean;
}

function fixLine(line: string, isHiddenToo: boolean): string | null {
  const [pattern, recurse, accounts, fileMode, directoryMode] = line.trim().split(/\s+/);
  if (pattern === undefined || pattern === '' || pattern.startsWith('#')) return null;
  if (accounts === undefined || !isMode(fileMode) || !isMode(directoryMode))
    return 'it takes a path, true or false, an account, and the modes of files and of directories';
  const account = accounts
    .split(',')
    .map(userIdsOf)
    .find((each) => each !== null);
  if (account === undefined) return `there is no user ${accounts}`;
  const attributes = {
    account,
    fileMode: Number.parseInt(fileMode, 8),
    directoryMode: Number.parseInt(directoryMode, 8),
    isRecursive: recurse === 'true',
    isHiddenToo,
  };
  try {
    for (const path of pathsLike(pattern)) fix(path, attributes, 0);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const isMode = (text: string | undefined): text is string => /^[0-7]{3,4}$/.test(text ?? '');

function pathsLike(pattern: string): string[] {
  if (!/[*?[]/.test(pattern)) return [pattern];
  const paths = globSync(pattern.replace(/^\//, ''), { cwd: '/' });
  return paths.map((path) => join('/', path)).sort();
}

/** The named path itself may be a link; below it, none is followed. */
function fix(path: string, attributes: Attributes, noFollow: number): void {
  const { account, fileMode, directoryMode, isRecursive, isHiddenToo } = attributes;
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | noFollow);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') return;
    // A socket, or a device without a driver.
    if (code !== 'ENXIO') throw error;
    chownSync(path, account.uid, account.gid);
    chmodSync(path, fileMode);
    return;
  }
  try {
    const isDirectory = fstatSync(descriptor).isDirectory();
    fchownSync(descriptor, account.uid, account.gid);
    fchmodSync(descriptor, isDirectory ? directoryMode : fileMode);
    if (!isDirectory || !isRecursive) return;
    // By the descriptor, so that it is this directory whatever has its name by now.
    const inside = `/proc/self/fd/${descriptor}`;
    for (const name of readdirSync(inside)) {
      if (isHiddenToo || !name.startsWith('.')) fix(join(inside, name), attributes, constants.O_NOFOLLOW);
    }
  } finally {
    closeSync(descriptor);
  }
}
