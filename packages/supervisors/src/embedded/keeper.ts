/** The script that is the keeper of a live directory: what it does is told in protocol/keeper.ts. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { programPath } from '@muster/posix/program-path';
import { KEEPER_FIFO } from '@muster/protocol/keeper';
import type { LivePaths } from '@muster/store/live/paths';
import { quoted } from '../service-directory/shell.ts';

/** Deaths within a minute after which a tree cannot live. */
const DEATHS = 10;

/** What `rc-init` has written a keeper for is kept. `tree`: a command line without the executable. */
export function writeKeeper(paths: LivePaths, tree: readonly string[], executables: readonly string[]): void {
  const text = `#!/bin/sh
# Made by rc-init. Watches the supervision tree of this live directory, and starts it again.
cd /
live=${quoted(paths.root)}
# The file is there even if there is no room for what is in it.
away() {
  read -r now rest </proc/uptime
  echo "$now $*" >"$live/away"
}
# A word: the tree ends because it was told to. Nothing: it was killed.
if read -r word <&${KEEPER_FIFO} || [ ! -e "$live/keep" ]; then exit 0; fi
away
set --
while [ -e "$live/keep" ]; do
  for muster in ${executables.map(quoted).join(' ')}; do
    if [ -x "$muster" ]; then break; fi
  done
  # eval, so that the shell goes on where no process can be made.
  command eval '"$muster" ${tree.map((word) => quoted(word).replaceAll("'", `'\\''`)).join(' ')} ${KEEPER_FIFO}<&- & wait $!'
  case $? in 0|100) exit 0 ;; esac
  if [ ! -e "$live/db" ] || [ ! -e "$live/keep" ]; then exit 0; fi
  away
  set -- "$@" "\${now%.*}"
  if [ $# -ge ${DEATHS} ]; then
    if [ $((\${now%.*} - $1)) -lt 60 ]; then
      away 'it died ${DEATHS} times within a minute'
      exit 1
    fi
    shift
  fi
  if [ $# -gt 3 ]; then command eval 'sleep 1'; fi
done
`;
  writeFileSync(paths.keep, text, { mode: 0o755 });
}

/** The link that people call it by is better than what it leads to now: an upgrade moves it. */
export function executablesFrom(calledAs: string, executable: string): string[] {
  const path = calledAs.includes('/') ? resolve(calledAs) : programPath(calledAs);
  const link = path === null ? null : join(dirname(path), 'muster');
  return link === null || link === executable || !existsSync(link) ? [executable] : [link, executable];
}
