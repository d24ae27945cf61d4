/**
 * Under which supervisors a live directory's services run: the file `backend`, three lines. Which kinds there are and what
 * each can do, the package `supervisors` knows; nothing here depends on it.
 */
import { writeFileSync } from 'node:fs';
import { readRegularText } from '@muster/posix/regular-file';

export interface Backend {
  /** The name of a kind of supervisor. */
  readonly kind: string;
  /** Absolute. Where the supervisors' tree finds its services. */
  readonly scandir: string;
  /** Put before a service's name in the scandir. */
  readonly prefix: string;
}

/** A scandir, and whether it is a part of the live directory: then its links come and go with the service directories. */
export interface Scandir extends Pick<Backend, 'scandir' | 'prefix'> {
  readonly isOwn: boolean;
}

export function writeBackend(path: string, backend: Backend): void {
  writeFileSync(path, `${backend.kind}\n${backend.scandir}\n${backend.prefix}\n`, { mode: 0o644 });
}

/** Null if the file is not one that `writeBackend` wrote. Throws if it cannot be read. */
export function readBackend(path: string): Backend | null {
  const [kind, scandir, prefix] = readRegularText(path).split('\n');
  if (!kind || scandir === undefined || prefix === undefined) return null;
  return { kind, scandir, prefix };
}
