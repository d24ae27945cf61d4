/** Whose a file is. What another unprivileged user could have written is never believed. */
import { lstatSync, type Stats } from 'node:fs';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { problem } from './problem.ts';

const WRITABLE_BY_OTHERS = 0o022;

/** Null if only this user and root can have written it. Throws if `path` does not exist. */
export function distrust(path: string): Diagnostic | null {
  return distrustOf(path, lstatSync(path));
}

export function distrustOf(path: string, { uid, mode }: Stats): Diagnostic | null {
  if (uid !== 0 && uid !== process.geteuid!()) {
    const message = `it belongs to user ${uid}, who could make this command do anything`;
    return problem('writable-by-others', path, message, `run the command as that user, or chown it`);
  }
  if ((mode & WRITABLE_BY_OTHERS) !== 0) {
    const bits = (mode & 0o7777).toString(8).padStart(4, '0');
    return problem('writable-by-others', path, `others may write to it (mode ${bits})`, `chmod go-w ${path}`);
  }
  return null;
}
