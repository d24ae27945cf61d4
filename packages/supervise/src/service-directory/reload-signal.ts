import { readFileSync } from 'node:fs';
import { constants as os } from 'node:os';
import { signalNumber } from '@muster/posix/signals';

/** The number of the signal on which the daemon of a service directory reads its configuration again. */
export function reloadSignalOf(directory: string): number {
  const { SIGHUP } = os.signals;
  let word: string;
  try {
    word = readFileSync(`${directory}/reload-signal`, 'latin1').trim();
  } catch {
    return SIGHUP;
  }
  return signalNumber(word) ?? SIGHUP;
}
