/**
 * The generated `finish`, which carries out a restart policy where the supervisor has none, and writes down for runit how
 * the process ended. The author's own is then called `finish.user`, and runs first.
 *
 * Waiting before a restart is done here, so that the service counts as down meanwhile. Giving up is said to the
 * supervisor, and to Muster by `.muster/failed`, which holds why: `finish` (it exited 125), `policy` or `limit`.
 */
import type { Longrun } from '@muster/core/model/definition';
import type { RestartPolicy } from '@muster/core/model/restart-policy';
import type { BackendKind } from '@muster/store/live/backend';
import { STATE_DIRECTORY } from '@muster/store/live/service-files';
import { notificationDescriptor } from './readiness.ts';
import { quoted, seconds } from './shell.ts';

const DEATHS = `${STATE_DIRECTORY}/deaths`;
const DELAY = `${STATE_DIRECTORY}/delay`;
/** Holds why the supervisor was told to give up; removed by the next start. */
export const FAILED_FILE = `${STATE_DIRECTORY}/failed`;
/** On runit: exit code, signal, and number of deaths so far, since runsv remembers none of them. */
export const EXIT_FILE = 'supervise/muster-exit';
/** Milliseconds: what s6 and runit wait by themselves before they start again what just started. */
export const SUPERVISORS_DELAY = 1000;
const DEFAULT_TIMEOUT = 5000;
/** Milliseconds since boot: whoever sets the clock changes nothing. What is still to come was in another boot, or is a date. */
const NOW = ['read -r now _ </proc/uptime', `now=$((\${now%.*} * 1000 + 1\${now#*.}0 - 1000))`];

/** The restart policy is more than what s6 and runit do by themselves. */
function hasPolicy({ policy, delayMax, limit }: RestartPolicy): boolean {
  return policy !== 'always' || limit !== null || delayMax > SUPERVISORS_DELAY;
}

export function needsFinishScript(longrun: Longrun, backend: BackendKind): boolean {
  switch (backend) {
    case 'embedded':
      return false;
    case 's6':
      // Its status does not tell later clients that the author's finish exited 125.
      return hasPolicy(longrun.restart) || hasFinish(longrun);
    case 'runit':
      return true;
  }
}

/** What `run` does so that `finish` finds its way. */
export function rememberStart(longrun: Longrun, backend: BackendKind): string[] {
  if (!needsFinishScript(longrun, backend)) return [];
  const lines: string[] = [];
  if (backend === 'runit' && hasFinish(longrun)) lines.push(`echo $$ >${STATE_DIRECTORY}/pid`);
  if (hasFinish(longrun) || hasPolicy(longrun.restart)) lines.push(forgetFailure());
  return lines;
}

function forgetFailure(): string {
  // Someone starts it although it had failed: the count begins anew.
  return `[ ! -e ${FAILED_FILE} ] || rm -f ${FAILED_FILE} ${DEATHS} ${DELAY}`;
}

export function finishScript(name: string, longrun: Longrun, backend: BackendKind): string[] {
  const lines = backend === 'runit' ? [...argumentsOfS6(name), ...recordExit()] : [];
  if (!hasFinish(longrun) && !hasPolicy(longrun.restart)) return lines;
  // A process that was told to stop before its `run` got that far leaves the word of the time before.
  lines.push(forgetFailure());
  if (backend === 'runit' || hasPolicy(longrun.restart)) lines.push(...isWanted(backend));
  // A runsv that was told to exit would forget that if it were told `d` now, and stay.
  const giveUp = backend === 'runit' ? '! wanted || printf d >supervise/control; exit 0' : 'exit 125';
  lines.push(`give_up() { echo "$1" >${FAILED_FILE}; ${giveUp}; }`);
  if (hasFinish(longrun)) lines.push(...authorsFinish(longrun.timeoutFinish ?? DEFAULT_TIMEOUT));
  if (hasPolicy(longrun.restart)) lines.push(...policy(longrun, backend));
  return lines;
}

function hasFinish({ files }: Longrun): boolean {
  return files.some(({ path }) => path === 'finish');
}

/** runsv says -1 and a wait status; the author's finish is written for s6: 256 and a signal, the name, the group. */
function argumentsOfS6(name: string): string[] {
  return [
    'code=$1',
    '[ "$code" != -1 ] || code=256',
    'group=0',
    `[ ! -e ${STATE_DIRECTORY}/pid ] || read -r group <${STATE_DIRECTORY}/pid`,
    `set -- "$code" "$(($2 & 127))" ${quoted(name)} "$group"`,
  ];
}

function recordExit(): string[] {
  return [
    'deaths=0',
    `[ ! -e ${EXIT_FILE} ] || read -r _ _ deaths <${EXIT_FILE}`,
    // By a rename: a reader sees the old line or the new one, and who watches is told.
    `echo "$1 $2 $((deaths + 1))" >${EXIT_FILE}.new && mv ${EXIT_FILE}.new ${EXIT_FILE}`,
  ];
}

function authorsFinish(timeout: number): string[] {
  const limited = timeout === 0 ? '' : `timeout -s KILL ${seconds(timeout)} `;
  return [`${limited}./finish.user "$@"`, '[ $? -ne 125 ] || give_up finish'];
}

function policy(longrun: Longrun, backend: BackendKind): string[] {
  const { restart } = longrun;
  const lines = ['wanted || exit 0'];
  switch (restart.policy) {
    case 'never':
      return [...lines, 'give_up policy'];
    case 'on-failure':
      lines.push('[ "$1" -ne 0 ] || give_up policy');
      break;
    case 'always':
      break;
  }
  if (restart.limit !== null || restart.delayMax > restart.delayMin) lines.push(...NOW);
  if (restart.limit !== null) lines.push(...limit(restart.limit));
  if (restart.delayMax > SUPERVISORS_DELAY) lines.push(...delay(longrun, backend));
  return lines;
}

function isWanted(backend: BackendKind): string[] {
  if (backend === 'runit') {
    return ['wanted() { read -r stat <supervise/stat; case $stat in *", want "*) return 1 ;; esac; }'];
  }
  return ['wanted() { [ "$(s6-svstat -o wantedup .)" = true ]; }'];
}

function limit({ count, window }: NonNullable<RestartPolicy['limit']>): string[] {
  return [
    `touch ${DEATHS}`,
    'recent= count=1',
    'while read -r death; do',
    `  [ "$death" -le $now ] && [ $((now - death)) -le ${window} ] || continue`,
    '  recent="$recent $death"; count=$((count + 1))',
    `done <${DEATHS}`,
    `printf '%s\\n' $recent "$now" >${DEATHS}`,
    `[ $count -le ${count} ] || give_up limit`,
  ];
}

/** Doubling from the least to the greatest delay; a life that was longer than the greatest begins anew. */
function delay(longrun: Longrun, backend: BackendKind): string[] {
  const { delayMin, delayMax } = longrun.restart;
  const bySupervisor = backend === 's6' && notificationDescriptor(longrun, backend) === null ? SUPERVISORS_DELAY : 0;
  const lines = [`delay=${delayMin}`];
  if (delayMax > delayMin) {
    lines.push(
      `if read -r before at <${DELAY} && [ "$at" -le $now ] && [ $((now - at - before)) -lt ${delayMax} ]; then delay=$((before * 2)); fi 2>/dev/null`,
      `[ $delay -gt 0 ] || delay=1`,
      `[ $delay -le ${delayMax} ] || delay=${delayMax}`,
      `echo "$delay $now" >${DELAY}`,
    );
  }
  lines.push(
    `left=$((delay - ${bySupervisor}))`,
    'while [ $left -gt 0 ]; do',
    '  if [ $left -ge 500 ]; then sleep 0.5; else sleep "0.$(printf %03d $left)"; fi',
    '  left=$((left - 500))',
    '  wanted || exit 0',
    'done',
  );
  return lines;
}
