/** Which supervisors the live directory's services run under: the file `backend`, three lines. */
import { writeFileSync } from 'node:fs';
import { readRegularText } from '@muster/posix/regular-file';

export const BACKENDS = ['embedded', 's6', 'runit'] as const;
export type BackendKind = (typeof BACKENDS)[number];

export interface Backend {
  readonly kind: BackendKind;
  /** Absolute. Where the supervisors' tree finds its services. */
  readonly scandir: string;
  /** Put before a service's name in the scandir. */
  readonly prefix: string;
}

export function writeBackend(path: string, backend: Backend): void {
  writeFileSync(path, `${backend.kind}\n${backend.scandir}\n${backend.prefix}\n`, { mode: 0o644 });
}

/** Null if the file is not one that `writeBackend` wrote. Throws if it cannot be read. */
export function readBackend(path: string): Backend | null {
  const [kind, scandir, prefix] = readRegularText(path).split('\n');
  const known = BACKENDS.find((backend) => backend === kind);
  if (known === undefined || scandir === undefined || prefix === undefined) return null;
  return { kind: known, scandir, prefix };
}
