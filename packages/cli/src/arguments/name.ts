/** Which command is meant: the name that the executable is called by (`/usr/bin/rc-change`), or its first argument. */

import { OFFERED } from '@muster/import/s6-overlay/offered';

export interface Named {
  readonly name: string | undefined;
  /** What is left for the command. */
  readonly rest: readonly string[];
}

export function nameCommand(calledAs: string, args: readonly string[]): Named {
  const base = calledAs.slice(calledAs.lastIndexOf('/') + 1);
  if (base === 'halt' || OFFERED.has(base)) return { name: 'overlay', rest: ['--', base, ...args] };
  // As containers call it, whose process 1 it is. What that starts calls its file by that name too, and has RC_LIVE from it.
  const isProcessOne = process.pid === 1 || !process.env.RC_LIVE;
  if (base === 'init' && isProcessOne) return { name: 'container', rest: args };
  return base.startsWith('rc-') ? { name: base.slice(3), rest: args } : { name: args[0], rest: args.slice(1) };
}
