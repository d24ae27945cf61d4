/**
 * What is executed for a oneshot: its script or its words, with a shell around them that outlives the runner. The shell never
 * interprets the words: they are for execvp(3), as they are in execlineb.
 */
import { existsSync } from 'node:fs';
import type { Exit } from '@muster/core/model/observation';
import { isAbsent } from '@muster/posix/absence';
import { executionOf } from '@muster/posix/interpreter';
import { programPath } from '@muster/posix/program-path';
import { readRegular, readRegularText } from '@muster/posix/regular-file';
import type { OneshotAction } from '@muster/protocol/oneshots/protocol';
import { ARGV_SUFFIX, EXIT_FILE } from '@muster/store/live/service-files';

const SHELL = '/bin/sh';
/** What stands before the words of a command that a shell is around. */
const WORDS_OF_SHELL = 5;

/** Null if nobody knows. `later`: it has not begun, for want of a process. */
export type ScriptEnd = Exit | 'later' | null;

/** How sh tells that its child was killed: 128 + the signal's number. */
const KILLED = 128;
const MOST_SIGNALS = 64;
const DASH = 0x2d;

/** Every signal that ends or stops a process and can be caught, by number. */
const CAUGHT = [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 20, 21, 22, 24, 25, 26, 27, 29, 30, 31].join(' ');

/** Ignored by who runs. */
const CONTINUE = 18;
/** In place of the exit status: there was no process for the command. */
const LATER = 'later';

/**
 * Waits for the command whatever signals come (they reach the command too, in the same group), and writes its own pid and
 * then how the command ended. The first word is the file for that. `exec` looks for the command in PATH alone: builtins of
 * the shell (`cd`, `umask`, `export`, `wait`) would succeed and have no effect. The command's process says by a signal that it is
 * there: the shell's own status would be the same if it could not fork, and `command eval` keeps it alive then.
 */
const AROUND = `trap : ${CAUGHT}; trap begun=1 ${CONTINUE}; exit=$1; shift; begun=; echo $$ > "$exit"
command eval '(kill -${CONTINUE} $$; exec "$@")'; code=$?
if [ "$begun" ]; then echo $code >> "$exit"; else echo ${LATER} >> "$exit"; fi
exit $code`;

/**
 * `nothing`: an empty vector, which succeeds. `missing`: the oneshot has no such command. `no program`: some shells would
 * take its first word for an option of `exec`. Throws ErrnoException if it cannot be read.
 */
export function commandOf(
  directory: string,
  action: OneshotAction,
): (string | Uint8Array)[] | 'nothing' | 'missing' | 'no program' {
  const words = wordsOf(directory, action);
  if (words === null) return 'missing';
  if (words.length === 0) return 'nothing';
  if (typeof words[0] !== 'string' && words[0]![0] === DASH) return 'no program';
  return [SHELL, '-c', AROUND, 'sh', `${directory}/${EXIT_FILE}`, ...words];
}

/**
 * Where there is no shell, as in a container made from scratch: the words themselves, which nothing outlives the runner for. Null if
 * there is a shell, or no such program.
 */
export function withoutShell(words: readonly (string | Uint8Array)[]): (string | Uint8Array)[] | null {
  if (existsSync(SHELL)) return null;
  const own = words.slice(WORDS_OF_SHELL);
  const first = Buffer.from(own[0] as Uint8Array).toString();
  const path = first.includes('/') ? first : programPath(first);
  return path === null ? null : [path, ...own.slice(1)];
}

/** What the shell around a script wrote: its pid, and once the script has ended, how. */
export function leftBehind(directory: string): { readonly pid: number; readonly exit: ScriptEnd } | null {
  let text: string;
  try {
    text = readRegularText(`${directory}/${EXIT_FILE}`);
  } catch {
    return null;
  }
  const [pid, status, end] = text.split('\n');
  if (status === undefined) return null;
  return { pid: Number(pid), exit: end === undefined ? null : exitFromShell(status) };
}

function exitFromShell(text: string): Exit | 'later' {
  if (text === LATER) return LATER;
  const status = Number(text);
  if (status > KILLED && status <= KILLED + MOST_SIGNALS) return { code: 0, signal: status - KILLED };
  return { code: status, signal: 0 };
}

function wordsOf(directory: string, action: OneshotAction): (string | Uint8Array)[] | null {
  let bytes: Uint8Array;
  try {
    bytes = readRegular(`${directory}/${action}${ARGV_SUFFIX}`);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    const script = `${directory}/${action}`;
    return existsSync(script) ? [...executionOf(script)] : null;
  }
  const words: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    if (end === -1) break;
    words.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return words;
}
