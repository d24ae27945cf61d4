/**
 * Fragments of a generated `finish`, which carries out a restart policy where the supervisor has none. The author's own is
 * then called `finish.user`, and runs first.
 *
 * Waiting before a restart is done here, so that the service counts as down meanwhile. Giving up is said to the
 * supervisor, and to Muster by `.muster/failed`, which holds why: `finish` (it exited 125), `policy` or `limit`; or `done`: it has
 * ended as it may.
 */

import type { Longrun } from '@muster/core/model/definition';
import { type RestartPolicy, USUAL_FACTOR } from '@muster/core/model/restart-policy';
import { signalNumber } from '@muster/posix/signals';
import { DONE } from '@muster/protocol/success-codes';
import {
  AUTHORS_FINISH,
  DEATHS_FILE,
  DELAY_FILE,
  FAILED_FILE,
  FINISH_FILE,
  RETRIES_FILE,
  SEQUEL_FILES,
} from '@muster/store/live/service-files';
import { seconds } from './shell.ts';
import { SUPERVISORS_DELAY } from './unsupported-delay.ts';

const DEFAULT_TIMEOUT = 5000;
/** In place of the exit code of a process that was killed. */
const KILLED = 256;
/** Milliseconds since boot: whoever sets the clock changes nothing. What is still to come was in another boot, or is a date. */
const NOW = ['read -r now _ </proc/uptime', `now=$((\${now%.*} * 1000 + 1\${now#*.}0 - 1000))`];

/** The restart policy is more than what s6 and runit do by themselves. */
export function hasPolicy({ restart, startRetries }: Longrun): boolean {
  const { policy, delayMax, limit } = restart;
  return policy !== 'always' || limit !== null || startRetries !== null || delayMax > SUPERVISORS_DELAY;
}

export function hasFinish({ files }: Longrun): boolean {
  return files.some(({ path }) => path === FINISH_FILE);
}

/** For `run` and `finish`. Someone starts it although it had failed: the count begins anew. */
export function forgetFailure(): string {
  return `[ ! -e ${FAILED_FILE} ] || rm -f ${FAILED_FILE} ${DEATHS_FILE} ${DELAY_FILE} ${RETRIES_FILE}`;
}

export interface FinishWords {
  /** Defines `wanted`, which succeeds while the supervisor is to start the service again. */
  readonly wanted: readonly string[];
  /** How the supervisor is told to start it no more; ends the script. */
  readonly giveUp: string;
  /** A command that succeeds if it had become ready; null if it is so as soon as it runs. */
  readonly wasReady: string | null;
  /** Milliseconds that the supervisor itself waits before a restart. */
  readonly ownDelay: number;
}

/** The author's `finish`, and then the restart policy. */
export function carriedOut(longrun: Longrun, words: FinishWords): string[] {
  const { wanted, giveUp } = words;
  if (!hasFinish(longrun) && !hasPolicy(longrun)) return [];
  // A process that was told to stop before its `run` got that far leaves the word of the time before.
  const then = sequels(longrun);
  const lines = [
    forgetFailure(),
    ...wanted,
    'ended="$*"',
    `give_up() { echo "$1" >${FAILED_FILE}; ${then}${giveUp}; }`,
  ];
  if (hasFinish(longrun)) lines.push(...authorsFinish(longrun.timeoutFinish ?? DEFAULT_TIMEOUT));
  if (hasPolicy(longrun)) lines.push(...policy(longrun, words));
  return lines;
}

/** In a session of its own, and not waited for: it may stop this very service. */
function sequels({ onFailed, onDone }: Longrun): string {
  if (onFailed === null && onDone === null) return '';
  const run = (file: string) => `[ ! -e ${file} ] || (setsid ./${file} $ended &) </dev/null`;
  return `if [ "$1" = ${DONE.trim()} ]; then ${run(SEQUEL_FILES.done)}; else ${run(SEQUEL_FILES.failed)}; fi; `;
}

function authorsFinish(timeout: number): string[] {
  const limited = timeout === 0 ? '' : `timeout -s KILL ${seconds(timeout)} `;
  return [`${limited}./${AUTHORS_FINISH} "$@"`, '[ $? -ne 125 ] || give_up finish'];
}

function policy({ restart, startRetries, restartDelayFactor }: Longrun, words: FinishWords): string[] {
  const { wasReady, ownDelay } = words;
  const lines = ['wanted || exit 0'];
  if (restart.policy !== 'always') lines.push(...done(restart, wasReady));
  if (restart.policy === 'never') return [...lines, 'give_up policy'];
  if (restart.limit !== null || restart.delayMax > restart.delayMin) lines.push(...NOW);
  if (restart.limit !== null) lines.push(...limit(restart.limit));
  if (startRetries !== null && wasReady !== null) lines.push(...retries(startRetries, wasReady));
  if (restart.delayMax > SUPERVISORS_DELAY) lines.push(...delay(restart, restartDelayFactor ?? USUAL_FACTOR, ownDelay));
  return lines;
}

/** A success, after it was ready if it was to be. */
function done({ successCodes }: RestartPolicy, wasReady: string | null): string[] {
  const ends = successCodes.map((code) => (/^[0-9]/.test(code) ? `${code}/*` : `${KILLED}/${signalNumber(code)}`));
  const condition = wasReady === null ? '' : `! ${wasReady} || `;
  return [`case $1/$2 in ${ends.join('|')}) ${condition}give_up ${DONE.trim()} ;; esac`];
}

function limit({ count, window }: NonNullable<RestartPolicy['limit']>): string[] {
  return [
    `touch ${DEATHS_FILE}`,
    'recent= count=1',
    'while read -r death; do',
    `  [ "$death" -le $now ] && [ $((now - death)) -le ${window} ] || continue`,
    '  recent="$recent $death"; count=$((count + 1))',
    `done <${DEATHS_FILE}`,
    `printf '%s\\n' $recent "$now" >${DEATHS_FILE}`,
    `[ $count -le ${count} ] || give_up limit`,
  ];
}

/** Deaths in a row before it was ready. */
function retries(most: number, wasReady: string): string[] {
  return [
    'tries=0',
    `if ! ${wasReady}; then`,
    `  [ ! -e ${RETRIES_FILE} ] || read -r tries <${RETRIES_FILE}`,
    '  tries=$((tries + 1))',
    'fi',
    `echo "$tries" >${RETRIES_FILE}`,
    `[ $tries -le ${most} ] || give_up limit`,
  ];
}

/** Growing from the least to the greatest delay; a life that was longer than the greatest begins anew. */
function delay({ delayMin, delayMax }: RestartPolicy, factor: number, ownDelay: number): string[] {
  const lines = [`delay=${delayMin}`];
  if (delayMax > delayMin) {
    lines.push(
      `if read -r before at <${DELAY_FILE} && [ "$at" -le $now ] && [ $((now - at - before)) -lt ${delayMax} ]; then delay=$((before * ${factor})); fi 2>/dev/null`,
      `[ $delay -gt 0 ] || delay=1`,
      `[ $delay -le ${delayMax} ] || delay=${delayMax}`,
      `echo "$delay $now" >${DELAY_FILE}`,
    );
  }
  lines.push(
    `left=$((delay - ${ownDelay}))`,
    'while [ $left -gt 0 ]; do',
    '  if [ $left -ge 500 ]; then sleep 0.5; else sleep "0.$(printf %03d $left)"; fi',
    '  left=$((left - 500))',
    '  wanted || exit 0',
    'done',
  );
  return lines;
}
