/** Sites whose services run under s6-svscan or runsvdir, as Debian has them. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { supervisorNamed } from '@muster/supervisors/supervisor-table';
import type { Kind } from '../end-to-end/supervisors.ts';
import { TestSite } from '../update/test-site.ts';

export function s6Missing(): string | null {
  return spawnSync('s6-svscan', ['-h']).error === undefined ? null : "Debian's s6 is not installed";
}

interface SupervisedSite {
  readonly site: TestSite;
  /** For rc-init. */
  readonly initArgs: readonly string[];
}

export async function siteUnder(kind: Kind): Promise<SupervisedSite> {
  switch (kind) {
    case 'embedded':
      return { site: new TestSite(), initArgs: [] };
    case 's6':
      return await s6Site();
    case 'runit':
      return await siteOn('runit', 'runsvdir');
  }
}

export async function s6Site(): Promise<SupervisedSite> {
  return await siteOn('s6', 's6-svscan');
}

async function siteOn(kind: 's6' | 'runit', program: string): Promise<SupervisedSite> {
  const site = new TestSite();
  const scandir = join(site.root, 'scan');
  mkdirSync(scandir);
  spawn(program, [scandir], { env: site.environment, stdio: 'ignore' }).unref();
  await eventually(`${program} watches`, () => supervisorNamed(kind)!.isWatching(scandir));
  return { site, initArgs: ['-b', kind, '--scandir', scandir] };
}
