/** A package for Debian. It starts nothing, and enables nothing: share/muster/boot has what an administrator may copy. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { outputFileSync, removeSync } from 'fs-extra/esm';
import { layOutExecutable, layOutShared, read, versionOf } from './layout.ts';
import { run, type Target } from './package.ts';

/** Returns the path of the package. */
export function packDeb({ out, arch, level, date }: Target): string {
  const top = join(out, 'deb');
  removeSync(top);
  layOutExecutable(join(top, 'usr'));
  layOutShared(join(top, 'usr'), '/usr/bin');
  // Debian has the licence under this name, and zsh's completions elsewhere.
  renameSync(join(top, 'usr/share/doc/muster/LICENSE'), join(top, 'usr/share/doc/muster/copyright'));
  renameSync(join(top, 'usr/share/zsh/site-functions'), join(top, 'usr/share/zsh/vendor-completions'));
  const files = filesBelow(top);
  const size = files.reduce((sum, file) => sum + statSync(join(top, file)).size, 0);
  outputFileSync(join(top, 'DEBIAN/control'), control(arch.debian, Math.ceil(size / 1024)));
  const sums = files.map(
    (file) =>
      `${createHash('md5')
        .update(readFileSync(join(top, file)))
        .digest('hex')}  ${file}\n`,
  );
  outputFileSync(join(top, 'DEBIAN/md5sums'), sums.join(''));
  const path = join(out, `muster_${versionOf()}_${arch.debian}.deb`);
  run(
    'dpkg-deb',
    ['--root-owner-group', ...(level === 0 ? ['-Znone'] : ['-Zxz', `-z${level}`]), '--build', top, path],
    {
      env: { SOURCE_DATE_EPOCH: String(Math.floor(date.getTime() / 1000)) },
    },
  );
  removeSync(top);
  return path;
}

function control(architecture: string, kilobytes: number): string {
  const { description } = JSON.parse(read('package.json').toString());
  return [
    'Package: muster',
    `Version: ${versionOf()}`,
    `Architecture: ${architecture}`,
    'Section: admin',
    'Priority: optional',
    'Maintainer: Muster developers <muster@localhost>',
    `Installed-Size: ${kilobytes}`,
    'Depends: libc6 (>= 2.28)',
    'Suggests: s6, runit',
    // Its rc-status and rc-update are other programs of the same names.
    'Conflicts: openrc',
    'Description: dependency compiler and supervision of services',
    ` ${description}`,
    '',
  ].join('\n');
}

/** Without links, sorted. */
function filesBelow(top: string): string[] {
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(top.length + 1))
    .sort();
}
