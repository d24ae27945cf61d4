/** The `log` of a longrun, out of where its output went. */
import type { OutputLog } from '../model/service.ts';

/** What a logger takes, in bytes. */
const SMALLEST = 4096;
const LARGEST = 2 ** 31;

export interface LogText {
  readonly text: string;
  /** What is not as it was. */
  readonly changed: string | null;
}

/** Null if it needs no logger. `directory`: where it is made, absolute. */
export function logText({ to, size, keep }: OutputLog, directory: string): LogText | null {
  if (to.kind !== 'log' && to.kind !== 'file') return null;
  const bytes = Math.min(LARGEST, Math.max(SMALLEST, size ?? LARGEST));
  const changes: string[] = [];
  if (size === null) changes.push('was never rotated: now it is, at 2 GiB');
  else if (bytes !== size) changes.push(`a log is rotated at ${bytes} bytes`);
  if (to.kind === 'file')
    changes.push(`is ${directory}/current: make ${to.path} a link to that where somebody reads it by name`);
  const text = `dir ${directory}\nsize ${bytes}\nkeep ${keep}\ntimestamp ${to.kind === 'file' ? 'none' : 'iso'}\n`;
  return { text, changed: changes.length === 0 ? null : changes.join('; ') };
}
