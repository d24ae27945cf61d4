/** The directory in which an engine has everything, named after the process that uses it, so that what a killed one left is found. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processFacts } from '@muster/posix/process';

/** Podman takes no paths of more than 50 bytes for some of it. */
const PREFIX = 'muster-c-';

export function makeWorkplace(engine: string): string {
  return mkdtempSync(join(tmpdir(), `${PREFIX}${engine}-${process.pid}-`));
}

/** Those whose process is no more. */
export function abandonedWorkplaces(engine: string): string[] {
  return readdirSync(tmpdir())
    .filter((name) => {
      const [, pid] = new RegExp(`^${PREFIX}${engine}-(\\d+)-`).exec(name) ?? [];
      return pid !== undefined && processFacts(Number(pid)) === null;
    })
    .map((name) => join(tmpdir(), name));
}
