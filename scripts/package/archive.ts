/** A plain archive: unpack it, and `sh install.sh`. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { copySync, ensureDirSync, removeSync } from 'fs-extra/esm';
import { layOutExecutable, layOutShared, versionOf } from './layout.ts';
import { run, type Target } from './package.ts';

/** Returns the path of the archive. */
export function packArchive({ out, arch, level, date }: Target): string {
  const name = `muster-${versionOf()}-linux-${arch.npm}`;
  const top = join(out, name);
  removeSync(top);
  ensureDirSync(top);
  layOutExecutable(join(top, 'files'));
  layOutShared(join(top, 'files'), null);
  copySync(join(import.meta.dirname, 'install.sh'), join(top, 'install.sh'));
  chmodSync(join(top, 'install.sh'), 0o755);
  const archive = `${name}.tar.gz`;
  const same = [
    '--sort=name',
    `--mtime=@${Math.floor(date.getTime() / 1000)}`,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
  ];
  run('tar', [...same, `--use-compress-program=gzip -n -${Math.max(1, level)}`, '-cf', archive, name], { cwd: out });
  removeSync(top);
  return join(out, archive);
}
