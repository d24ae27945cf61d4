/** Which ends of a longrun are no failure: its `success-codes`. */
import type { Exit } from '@muster/core/model/observation';
import { signalNumber } from '@muster/posix/signals';

/** What stands in the file of an end that is final (`EMBEDDED_FAILED_FILE`, `FAILED_FILE`) if it is none. */
export const DONE = 'done\n';

export function isSuccess(successCodes: readonly string[], { code, signal }: Exit): boolean {
  if (signal === 0) return successCodes.includes(String(code));
  return successCodes.some((word) => !/^[0-9]/.test(word) && signalNumber(word) === signal);
}
