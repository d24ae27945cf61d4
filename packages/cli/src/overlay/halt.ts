/** halt and s6-svscanctl: the container is to end, in order; who asks does not wait, as it may be what is to be stopped. */
import { askForEnd } from '@muster/control/shutdown/container';
import { livePath } from '../arguments/paths.ts';
import { flagsOf, refuse, SYSTEM, USAGE } from './program.ts';

export function endContainer(): number {
  const root = livePath();
  return askForEnd(root) ? 0 : refuse('halt', `no container's process 1 listens in ${root}`, SYSTEM);
}

/** Letters that end a tree; the others look for new services, of which there are none. */
const ENDING = new Set(['t', 'q', 'i', '6', '7', '8', '0', 'r', 'p', 's']);

export function controlTree(args: readonly string[]): number {
  const flags = flagsOf(args, 'abhzintqNTprs06789', '');
  if (flags === null || flags.operands.length === 0)
    return refuse('s6-svscanctl', 'usage: s6-svscanctl -LETTERS SCANDIR', USAGE);
  return flags.given.some(([letter]) => ENDING.has(letter)) ? endContainer() : 0;
}
