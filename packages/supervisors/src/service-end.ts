/** How a service has ended which its supervisor does not start again, though nobody has stopped it. */
import { lstatSync } from 'node:fs';
import type { Exit } from '@muster/core/model/observation';
import { ALWAYS, parseSuccessCodes } from '@muster/core/model/restart-policy';
import { isAbsent } from '@muster/posix/absence';
import { readRegular } from '@muster/posix/regular-file';
import { DONE, isSuccess } from '@muster/protocol/success-codes';
import { SETTING } from '@muster/store/live/service-files';

export type End = 'done' | 'failed';

/** The word that is left of it. Null if there is no such file. */
export function endIn(path: string): End | null {
  const word = textIn(path);
  return word === null ? null : word === DONE ? 'done' : 'failed';
}

/**
 * Of one whose generated `finish` has not left its word yet: whether `exit`, after it was ready if it was to be, is an end that
 * its settings in `directory` allow.
 */
export function isAllowedEnd(directory: string, exit: Exit | null): boolean {
  if (exit === null || !mayEnd(directory)) return false;
  const codes = textIn(`${directory}/${SETTING.successCodes}`);
  return isSuccess((codes === null ? null : parseSuccessCodes(codes)) ?? ALWAYS.successCodes, exit);
}

/** It is not always started again. */
export function mayEnd(directory: string): boolean {
  return (textIn(`${directory}/${SETTING.restart}`)?.trim() ?? ALWAYS.policy) !== ALWAYS.policy;
}

/** Null if there is no such file; nothing if it cannot be read: something is there. */
export function bytesIn(path: string): Buffer | null {
  try {
    // Mostly there is none, and an error takes three times as long as a look.
    return lstatSync(path, { throwIfNoEntry: false }) === undefined ? null : readRegular(path);
  } catch (error) {
    return isAbsent(error) ? null : Buffer.alloc(0);
  }
}

function textIn(path: string): string | null {
  return bytesIn(path)?.toString('latin1') ?? null;
}
