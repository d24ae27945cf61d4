/** Each kind of package: made, installed into a directory of its own, used, and removed again without a trace. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/commands.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const directory = mkdtempSync(join(tmpdir(), 'muster-install-'));
const packages = join(directory, 'packages');
const hasDpkg = spawnSync('dpkg-deb', ['--version']).error === undefined;
if (!hasDpkg) console.log('skipped: the package for Debian, since dpkg-deb is not here');

const arch = process.arch;
const names = ['muster', ...Object.keys(COMMANDS).map((name) => `rc-${name}`)].sort();

/** Throws with what it says if it fails. */
function must(program: string, args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, [...args], {
    encoding: 'utf8',
    ...options,
    env: { ...process.env, ...options.env },
  });
  if (error !== undefined || status !== 0)
    throw new Error(`${program} ${args.join(' ')}: ${status} ${error}\n${stderr}`);
  return stdout;
}

const filesBelow = (top: string) =>
  readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(top.length + 1))
    .sort();

/** From a source to a service that is up, by what lies in `bin`, and back. */
function live(bin: string): void {
  const site = mkdtempSync(join(directory, 'site-'));
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    RC_SOURCE: join(site, 'source'),
    RC_COMPILED: join(site, 'compiled'),
    RC_LIVE: join(site, 'live'),
  };
  mkdirSync(join(site, 'source/web'), { recursive: true });
  writeFileSync(join(site, 'source/web/type'), 'longrun\n');
  writeFileSync(join(site, 'source/web/run'), '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 });
  must('rc-compile', [], { env });
  must('rc-init', [], { env });
  must('rc-change', ['web'], { env });
  expect(must('rc-list', ['-a'], { env })).toBe('web\n');
  must('muster', ['shutdown'], { env });
  expect(existsSync(join(site, 'live'))).toBe(false);
}

/** Hardly compressed, which would take most of the time. */
function make(kind: 'archive' | 'deb' | 'npm'): void {
  must(process.execPath, [join(ROOT, 'scripts/package.ts'), packages, '0', kind], { cwd: ROOT });
}

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the archive', () => {
  const prefix = join(directory, 'prefix');
  const install = (...args: string[]) =>
    must('sh', [join(directory, `muster-${version}-linux-${arch}/install.sh`), ...args], { cwd: directory });

  test('is installed below a prefix and used from there', () => {
    make('archive');
    must('tar', ['-xzf', join(packages, `muster-${version}-linux-${arch}.tar.gz`)], { cwd: directory });
    expect(install('--prefix', prefix)).toContain(`installed below ${prefix}`);
    expect(readdirSync(join(prefix, 'bin')).sort()).toEqual(names);
    live(join(prefix, 'bin'));
  });

  test('has manual pages, completions and files for init systems, which name where it is', () => {
    expect(gunzipSync(readFileSync(join(prefix, 'share/man/man1/rc-status.1.gz'))).toString()).toContain(
      '.Nm rc-status',
    );
    const bash = join(prefix, 'share/bash-completion/completions');
    expect(readlinkSync(join(bash, 'rc-change'))).toBe('muster');
    const boot = join(prefix, 'share/muster/boot');
    for (const file of filesBelow(boot)) expect(readFileSync(join(boot, file), 'utf8'), file).not.toContain('@bin@');
    expect(readFileSync(join(boot, 'systemd/muster.service'), 'utf8')).toContain(`ExecStart=${prefix}/bin/muster init`);
  });

  test('installed once more it replaces itself, and what was not its own stays when it goes', () => {
    const before = filesBelow(prefix);
    writeFileSync(join(prefix, 'bin/mine'), '');
    install('--prefix', prefix);
    expect(filesBelow(prefix)).toEqual([...before, 'bin/mine'].sort());
    install('--prefix', prefix, '--uninstall');
    expect(readdirSync(prefix, { recursive: true })).toEqual(['bin', 'bin/mine']);
  });

  test('what is not there is not removed, and a wrong call changes nothing', () => {
    expect(() => install('--prefix', join(directory, 'elsewhere'), '--uninstall')).toThrow(
      'nothing is installed below',
    );
    expect(() => install('--prefx', prefix)).toThrow('usage:');
    expect(() => install('--prefix', join(directory, 'else where'))).toThrow('--prefix takes');
    expect(existsSync(join(directory, 'elsewhere'))).toBe(false);
  });
});

test.skipIf(!hasDpkg)('the package for Debian: installed, used and purged, and no script comes along', () => {
  make('deb');
  const root = join(directory, 'debian');
  for (const place of ['info', 'updates']) mkdirSync(join(root, 'var/lib/dpkg', place), { recursive: true });
  for (const file of ['status', 'available']) writeFileSync(join(root, 'var/lib/dpkg', file), '');
  const deb = readdirSync(packages).find((name) => name.endsWith('.deb'))!;
  must('dpkg', [`--root=${root}`, '--force-not-root', '--force-depends', '-i', join(packages, deb)]);
  expect(readdirSync(join(root, 'usr/bin')).sort()).toEqual(names);
  expect(must('dpkg-deb', ['--ctrl-tarfile', join(packages, deb)])).not.toMatch(/(pre|post)(inst|rm)/);
  expect(must('dpkg-deb', ['--field', join(packages, deb), 'Version'])).toBe(`${version}\n`);
  must('sh', ['-c', 'cd "$1" && md5sum --quiet -c var/lib/dpkg/info/muster.md5sums', 'sh', root]);
  live(join(root, 'usr/bin'));
  must('dpkg', [`--root=${root}`, '--force-not-root', '-P', 'muster']);
  expect(existsSync(join(root, 'usr'))).toBe(false);
});

describe('npm install -g', () => {
  const prefix = join(directory, 'npm');
  const bin = join(prefix, 'bin');

  test('of both packages, without a script and without a network', () => {
    make('npm');
    const tarballs = [`muster-linux-${arch}-${version}.tgz`, `muster-${version}.tgz`].map((name) =>
      join(packages, name),
    );
    const quiet = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    must('npm', ['install', '-g', `--prefix=${prefix}`, ...quiet, ...tarballs]);
    expect(readdirSync(bin).sort()).toEqual(names);
    live(bin);
  });

  test('an exit status, what is said and a signal come through', () => {
    const call = (...args: string[]) => spawnSync(join(bin, 'rc-status'), args, { encoding: 'utf8' });
    expect(call('--version').stdout).toBe(`rc-status (muster) ${version}\n`);
    expect(call('-l', join(directory, 'nothing'))).toMatchObject({ status: 4, stdout: '' });
    const killed = spawnSync('sh', [
      '-c',
      '"$1" -p ready & sleep 0; kill -TERM $!; wait $!',
      'sh',
      join(bin, 'muster'),
    ]);
    expect(killed.status).toBeGreaterThanOrEqual(100);
  });

  test('without the package of the platform it says what is missing', () => {
    rmSync(join(prefix, `lib/node_modules/@muster/linux-${arch}`), { recursive: true });
    const { status, stderr } = spawnSync(join(bin, 'muster'), ['--version'], { encoding: 'utf8' });
    expect(status).toBe(111);
    expect(stderr).toContain(`there is no executable here for linux on ${arch}`);
  });

  test('uninstalled, nothing is left', () => {
    must('npm', [
      'uninstall',
      '-g',
      `--prefix=${prefix}`,
      '--offline',
      '--no-audit',
      '--no-fund',
      'muster',
      `@muster/linux-${arch}`,
    ]);
    expect(existsSync(bin) ? readdirSync(bin) : []).toEqual([]);
  });
});

test('the files for init systems: scripts that a shell can read', () => {
  const boot = join(ROOT, 'scripts/package/boot');
  for (const file of filesBelow(boot)) {
    const text = readFileSync(join(boot, file), 'utf8');
    // OpenRC's are sh with more functions.
    if (/^#!\/(bin\/sh|sbin\/openrc-run)\n/.test(text)) must('sh', ['-n', join(boot, file)]);
  }
});

test("sysvinit's script boots default, answers for its state and shuts down", () => {
  const site = mkdtempSync(join(directory, 'sysvinit-'));
  const source = join(site, 'source');
  for (const name of ['web', 'default/contents.d']) mkdirSync(join(source, name), { recursive: true });
  writeFileSync(join(source, 'web/type'), 'longrun\n');
  writeFileSync(join(source, 'web/run'), '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 });
  writeFileSync(join(source, 'default/type'), 'bundle\n');
  writeFileSync(join(source, 'default/contents.d/web'), '');
  const script = join(site, 'muster');
  const text = readFileSync(join(ROOT, 'scripts/package/boot/sysvinit/muster'), 'utf8');
  writeFileSync(script, text.replaceAll('@bin@', join(ROOT, 'build')), { mode: 0o755 });
  const env = { RC_SOURCE: source, RC_COMPILED: join(site, 'compiled'), RC_LIVE: join(site, 'live') };
  must(join(ROOT, 'build/rc-compile'), [], { env });
  must(script, ['start'], { env });
  expect(must(script, ['status'], { env })).toContain('web');
  must(script, ['restart'], { env });
  must(script, ['stop'], { env });
  expect(existsSync(join(site, 'live'))).toBe(false);
  expect(() => must(script, ['wrong'], { env })).toThrow('usage:');
});
