/** Which ends of a longrun are no failure: its `success-codes`. */
import type { Exit } from '@muster/core/model/observation';
import { signalNumber } from '@muster/posix/signals';

export function isSuccess(successCodes: readonly string[], { code, signal }: Exit): boolean {
  if (signal === 0) return successCodes.includes(String(code));
  return successCodes.some((word) => !/^[0-9]/.test(word) && signalNumber(word) === signal);
}
