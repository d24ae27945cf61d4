/**
 * Packages for npm: `muster`, whose commands are a few lines of JavaScript, and one with the executable for each platform, of
 * which npm installs the one that fits. No script runs when they are installed.
 */
import { join } from 'node:path';
import { copySync, outputFileSync, outputJsonSync, removeSync } from 'fs-extra/esm';
import { COMMAND_NAMES, layOutShared, read, versionOf } from './layout.ts';
import { run, type Target } from './package.ts';

/** Returns the paths of the tarballs, the executable's first. */
export function packNpm({ out, arch }: Target): readonly string[] {
  const top = join(out, 'npm');
  removeSync(top);
  const { description, license } = JSON.parse(read('package.json').toString());
  const platform = `@muster/linux-${arch.npm}`;
  const common = { version: versionOf(), description, license };

  const binary = join(top, `linux-${arch.npm}`);
  copySync(join(import.meta.dirname, '../../build/muster'), join(binary, 'bin/muster'));
  outputJsonSync(join(binary, 'package.json'), {
    name: platform,
    ...common,
    os: ['linux'],
    cpu: [arch.npm],
    libc: ['glibc'],
    files: ['bin'],
  });
  outputFileSync(join(binary, 'LICENSE'), read('LICENSE'));

  const main = join(top, 'muster');
  layOutShared(main, null);
  copySync(join(import.meta.dirname, 'launch.cjs'), join(main, 'bin/launch.cjs'));
  for (const page of ['README.md', 'LICENSE']) outputFileSync(join(main, page), read(page));
  outputJsonSync(join(main, 'package.json'), {
    name: 'muster',
    ...common,
    bin: Object.fromEntries(['muster', ...COMMAND_NAMES].map((name) => [name, 'bin/launch.cjs'])),
    directories: { man: 'share/man' },
    optionalDependencies: { [platform]: versionOf() },
    engines: { node: '>=18' },
    files: ['bin', 'share'],
  });
  const pack = (directory: string) =>
    join(out, run('npm', ['pack', '--silent', '--ignore-scripts', directory], { cwd: out }).trim());
  const packed = [pack(binary), pack(main)];
  removeSync(top);
  return packed;
}
