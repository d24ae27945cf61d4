/** The file `status` of a oneshot. Replaced whole, so that nobody reads half of it. */
import { isAbsent } from '@muster/posix/absence';
import { readRegularText } from '@muster/posix/regular-file';
import { replaceFile } from '@muster/posix/replace-file';
import { STATUS_FILE } from '@muster/store/live/service-files';
import { decodeOneshotStatus, encodeOneshotStatus, NEVER_RUN, type OneshotStatus } from './protocol.ts';

/** That it never ran, if nothing is saved. Throws what the system says if that cannot be known. */
export function savedStatus(directory: string): OneshotStatus {
  try {
    return decodeOneshotStatus(readRegularText(`${directory}/${STATUS_FILE}`)) ?? NEVER_RUN;
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return NEVER_RUN;
  }
}

/** Throws what the system says. */
export function saveStatus(directory: string, status: OneshotStatus): void {
  const path = `${directory}/${STATUS_FILE}`;
  replaceFile(path, encodeOneshotStatus(status), { policy: 'overwrite when full', mode: 0o666 });
}
