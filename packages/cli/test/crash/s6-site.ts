/** A site whose services run under Debian's s6-svscan. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/supervise/test/eventually';
import { TestSite } from '../update/test-site.ts';

export function s6Missing(): string | null {
  return spawnSync('s6-svscan', ['-h']).error === undefined ? null : "Debian's s6 is not installed";
}

export async function s6Site(): Promise<{ readonly site: TestSite; readonly initArgs: readonly string[] }> {
  const site = new TestSite();
  const scandir = join(site.root, 'scan');
  mkdirSync(scandir);
  const svscan = spawn('s6-svscan', [scandir], { env: site.environment, stdio: 'ignore' });
  svscan.unref();
  await eventually('s6-svscan listens', () => existsSync(join(scandir, '.s6-svscan/control')));
  return { site, initArgs: ['-b', 's6', '--scandir', scandir] };
}
