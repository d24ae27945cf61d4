import { constants as os } from 'node:os';
import { readRegularText } from '@muster/posix/regular-file';
import { signalNumber } from '@muster/posix/signals';
import { SETTING } from '@muster/store/live/service-files';

/** The number of the signal on which the daemon of a service directory reads its configuration again. */
export function reloadSignalOf(directory: string): number {
  const { SIGHUP } = os.signals;
  let word: string;
  try {
    word = readRegularText(`${directory}/${SETTING.reloadSignal}`).trim();
  } catch {
    return SIGHUP;
  }
  return signalNumber(word) ?? SIGHUP;
}
