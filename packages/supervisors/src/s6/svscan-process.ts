/** The s6-svscan that watches a scandir, as /proc shows it. */
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { linkTarget } from '@muster/posix/absence';
import { commandLine, everyPid } from '@muster/posix/process';
import { mayWatch } from '../scandir/may-watch.ts';

/** How many services it watches if it was not told, by what its usage says: 2.11 and before, 2.15 and after. */
const DEFAULTS = [
  ['s6-svscan [ -c maxservices ] [ -t ', 500],
  ['s6-svscan [ -C services_max ] [ -L ', 1000],
] as const;

/** How many services it watches at most; null if that cannot be found. */
export function servicesAtMost(scandir: string): number | null {
  const home = realpathSync(scandir);
  for (const pid of everyPid()) {
    const words = commandIn(pid, home);
    if (words !== null) return optionIn(words) ?? defaultOf(pid);
  }
  return null;
}

/** The process, if it can be found. */
export function svscanOf(scandir: string): number | null {
  try {
    const home = realpathSync(scandir);
    return everyPid().find((each) => commandIn(each, home) !== null) ?? null;
  } catch {
    return null;
  }
}

/** Whether its s6-supervise, which lies beside it, knows this file of a service directory; true if that cannot be found. */
export function knowsFile(scandir: string, file: string): boolean {
  try {
    const pid = svscanOf(scandir);
    const program = pid === null ? null : linkTarget(`/proc/${pid}/exe`);
    return program === null || readFileSync(join(dirname(program), 's6-supervise')).includes(file);
  } catch {
    return true;
  }
}

/** It has changed to its scandir: no need to understand how that was named. */
function commandIn(pid: number, scandir: string): string[] | null {
  const words = commandLine(pid);
  if (words === null || !/(^|\/)s6-svscan$/.test(words[0]!)) return null;
  return linkTarget(`/proc/${pid}/cwd`) === scandir && mayWatch(pid, scandir) ? words : null;
}

/** Debian's takes -c, newer ones -C and --services-max. */
function optionIn(words: readonly string[]): number | null {
  for (const [at, word] of words.entries()) {
    const match = /^(?:-[cC]|--services-max=?)(\d*)$/.exec(word);
    const value = match?.[1] === '' ? words[at + 1] : match?.[1];
    if (value !== undefined && /^\d+$/.test(value)) return Number(value);
  }
  return null;
}

function defaultOf(pid: number): number | null {
  let program: Buffer;
  try {
    program = readFileSync(`/proc/${pid}/exe`);
  } catch {
    return null;
  }
  return DEFAULTS.find(([usage]) => program.includes(usage))?.[1] ?? null;
}
