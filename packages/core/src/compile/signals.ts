/** Signals by name, as Linux has them. */
import type { DefinitionFiles } from './files.ts';
import { nearest } from './nearest.ts';
import { shown } from './numbers.ts';

const NAMES = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN ' +
  'TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS IOT IO CLD'
).split(' ');

const HIGHEST = 64;

/** Whether it is what `readSignal` makes of what it reads. */
export function isSignal(word: string): boolean {
  return NAMES.includes(word) || (isSignalNumber(word) && word === String(Number(word)));
}

function isSignalNumber(word: string): boolean {
  return /^[0-9]{1,3}$/.test(word) && Number(word) >= 1 && Number(word) <= HIGHEST;
}

/** A name in capitals without `SIG`, or a number, from the first line; null if the file is absent or names no signal. */
export function readSignal(files: DefinitionFiles, file: string): string | null {
  const text = files.text(file);
  if (text === null) return null;
  const word = text.replace(/\n.*/s, '').trim();
  const name = word.toUpperCase().replace(/^SIG/, '');
  if (NAMES.includes(name)) return name;
  if (isSignalNumber(name)) return String(Number(name));
  const near = nearest(name, NAMES);
  files.report.add('bad-signal', `${shown(text)} is not a signal: the default will be sent`, {
    at: files.place(file, 1),
    hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'write a name like HUP or SIGHUP, or a number',
  });
  return null;
}
