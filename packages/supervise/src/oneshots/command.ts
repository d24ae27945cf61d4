/** What is executed for a oneshot: its script or its words, with a shell around them that outlives the runner. */
import { existsSync, readFileSync } from 'node:fs';
import type { Exit } from '@muster/core/model/observation';
import { EXIT_FILE } from '@muster/store/live/service-files';
import type { OneshotAction } from './protocol.ts';

export const SHELL = '/bin/sh';

/** How sh tells that its child was killed: 128 + the signal's number. */
const KILLED = 128;
const MOST_SIGNALS = 64;

/**
 * Waits for the command whatever signals come (they reach the command too, in the same group), and writes its own pid and
 * then how the command ended. The first word is the file for that.
 */
const AROUND = `trap : TERM INT HUP QUIT; exit=$1; shift; echo $$ > "$exit"; "$@"; code=$?; echo $code >> "$exit"; exit $code`;

/** `nothing`: an empty vector, which succeeds. `missing`: the oneshot has no such command. */
export function commandOf(directory: string, action: OneshotAction): (string | Uint8Array)[] | 'nothing' | 'missing' {
  const words = wordsOf(directory, action);
  if (words === null) return 'missing';
  if (words.length === 0) return 'nothing';
  return [SHELL, '-c', AROUND, 'sh', `${directory}/${EXIT_FILE}`, ...words];
}

/** What the shell around a script wrote: its pid, and once the script has ended, how. */
export function leftBehind(directory: string): { readonly pid: number; readonly exit: Exit | null } | null {
  let text: string;
  try {
    text = readFileSync(`${directory}/${EXIT_FILE}`, 'latin1');
  } catch {
    return null;
  }
  const [pid, status, end] = text.split('\n');
  if (status === undefined) return null;
  return { pid: Number(pid), exit: end === undefined ? null : exitFromShell(Number(status)) };
}

function exitFromShell(status: number): Exit {
  if (status > KILLED && status <= KILLED + MOST_SIGNALS) return { code: 0, signal: status - KILLED };
  return { code: status, signal: 0 };
}

function wordsOf(directory: string, action: OneshotAction): (string | Uint8Array)[] | null {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(`${directory}/${action}.argv`);
  } catch {
    const script = `${directory}/${action}`;
    return existsSync(script) ? [script] : null;
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
