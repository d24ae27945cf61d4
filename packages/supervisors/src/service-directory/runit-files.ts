/** What runsv looks for beside `run` and `finish`: `check` for sv, and `control/*` where a signal is not just TERM. */
import type { FileEntry, Longrun } from '@muster/core/model/definition';
import { script } from './file-entry.ts';
import { needsPoller, READY_FILE } from './readiness.ts';
import { quoted } from './shell.ts';

export function runitFiles(longrun: Longrun): FileEntry[] {
  const files: FileEntry[] = [];
  if (needsPoller(longrun, 'runit')) files.push(script('check', READY_CHECK));
  if (longrun.downSignal !== null) files.push(script('control/t', terminate(longrun.downSignal)));
  if (longrun.timeoutKill !== null && longrun.timeoutKill > 0) {
    files.push(script('control/d', killLater(longrun.timeoutKill, longrun.killProcessGroup ? '-"$pid"' : '"$pid"')));
  }
  return files;
}

/** Ready is the process that the poller wrote down, as long as it is the one that runs. */
const READY_CHECK: readonly string[] = [
  `read -r ready <${READY_FILE} && read -r pid <supervise/pid && [ "$ready" = "$pid" ]`,
];

/** Success keeps runsv from sending TERM itself. */
function terminate(signal: string): string[] {
  return [
    'read -r pid <supervise/pid && [ -n "$pid" ] || exit 1',
    `kill -s ${quoted(signal.replace(/^SIG/i, ''))} "$pid"`,
  ];
}

/**
 * runsv waits for this script, so that the waiting is done by another process. `timeout` in milliseconds; `target`: what
 * kill(1) is given, `$pid` being the service's process.
 */
function killLater(timeout: number, target: string): string[] {
  return [
    'read -r pid <supervise/pid && [ -n "$pid" ] || exit 0',
    '( (',
    `  left=${timeout}`,
    '  while [ $left -gt 0 ]; do',
    '    if [ $left -ge 500 ]; then sleep 0.5; else sleep "0.$(printf %03d $left)"; fi',
    '    left=$((left - 500))',
    // Nobody is waited for who has gone.
    '    read -r now <supervise/pid && [ "$now" = "$pid" ] || exit',
    '  done',
    `  kill -s KILL -- ${target}`,
    ') & ) </dev/null >/dev/null 2>&1',
  ];
}
