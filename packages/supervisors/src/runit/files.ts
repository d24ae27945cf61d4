/** What runsv looks for beside `run` and `finish`: `check` for sv, and `control/*` where a signal is not just TERM. */
import type { FileEntry, Longrun } from '@muster/core/model/definition';
import { CHECK_FILE, CONTROL_DIRECTORY, READY_FILE, RUNSV_PID } from '@muster/store/live/service-files';
import { script } from '../service-directory/file-entry.ts';
import { quoted } from '../service-directory/shell.ts';

/** What kill(1) is given. */
const PROCESS = '"$pid"';
const GROUP = '-"$pid"';

/** `hasReadiness`: somebody writes down which process is ready. */
export function runitFiles(longrun: Longrun, { hasReadiness }: { readonly hasReadiness: boolean }): FileEntry[] {
  const files: FileEntry[] = [];
  if (hasReadiness) files.push(script(CHECK_FILE, READY_CHECK));
  const { downSignal, stopGroup } = longrun;
  if (downSignal !== null || stopGroup)
    files.push(script(`${CONTROL_DIRECTORY}/t`, terminate(downSignal ?? 'TERM', stopGroup ? GROUP : PROCESS)));
  if (longrun.timeoutKill !== null && longrun.timeoutKill > 0) {
    const target = longrun.killProcessGroup || stopGroup ? GROUP : PROCESS;
    files.push(script(`${CONTROL_DIRECTORY}/d`, killLater(longrun.timeoutKill, target)));
  }
  return files;
}

/** Ready is the process that the poller wrote down, as long as it is the one that runs. */
const READY_CHECK: readonly string[] = [
  `read -r ready <${READY_FILE} && read -r pid <${RUNSV_PID} && [ "$ready" = "$pid" ]`,
];

/** Success keeps runsv from sending TERM itself. */
function terminate(signal: string, target: string): string[] {
  return [
    `read -r pid <${RUNSV_PID} && [ -n "$pid" ] || exit 1`,
    `kill -s ${quoted(signal.replace(/^SIG/i, ''))} -- ${target}`,
  ];
}

/**
 * runsv waits for this script, so that the waiting is done by another process. `timeout` in milliseconds; `target`: what
 * kill(1) is given, `$pid` being the service's process.
 */
function killLater(timeout: number, target: string): string[] {
  return [
    `read -r pid <${RUNSV_PID} && [ -n "$pid" ] || exit 0`,
    '( (',
    `  left=${timeout}`,
    '  while [ $left -gt 0 ]; do',
    '    if [ $left -ge 500 ]; then sleep 0.5; else sleep "0.$(printf %03d $left)"; fi',
    '    left=$((left - 500))',
    // Nobody is waited for who has gone.
    `    read -r now <${RUNSV_PID} && [ "$now" = "$pid" ] || exit`,
    '  done',
    `  kill -s KILL -- ${target}`,
    ') & ) </dev/null >/dev/null 2>&1',
  ];
}
