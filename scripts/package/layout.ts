/** What is installed, as it lies below a prefix (`/usr`, `/usr/local`): `bin/`, `share/man/`, completions, documents. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { copySync, ensureDirSync, outputFileSync } from 'fs-extra/esm';
import { COMMANDS } from '../../packages/cli/src/commands.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Stands in the files for init systems where the directory of the executable belongs. */
export const BIN = '@bin@';

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS).map((name) => `rc-${name}`);

/** Everything but the executable itself. `bin`: where that will be; null leaves the placeholder. */
export function layOutShared(place: string, bin: string | null): void {
  for (const section of readdirSync(join(ROOT, 'build/man')))
    for (const page of readdirSync(join(ROOT, 'build/man', section)))
      put(place, `share/man/${section}/${page}.gz`, gzipSync(read(join('build/man', section, page)), { level: 9 }));
  const shells = {
    bash: 'share/bash-completion/completions/muster',
    zsh: 'share/zsh/site-functions/_muster',
    fish: 'share/fish/vendor_completions.d/muster.fish',
  };
  for (const [shell, path] of Object.entries(shells)) put(place, path, completionFor(shell));
  // bash looks for a file of the command's own name.
  for (const name of COMMAND_NAMES) symlinkSync('muster', join(place, 'share/bash-completion/completions', name));
  for (const page of ['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md'])
    put(place, `share/doc/muster/${page}`, read(page));
  copySync(join(ROOT, 'docs'), join(place, 'share/doc/muster/docs'));
  for (const { path, content, mode } of bootFiles()) {
    const text = bin === null ? content : content.replaceAll(BIN, bin);
    put(place, `share/muster/boot/${path}`, text, mode);
  }
}

/** `bin/muster`, and a link to it for every command. */
export function layOutExecutable(place: string): void {
  ensureDirSync(join(place, 'bin'));
  copySync(join(ROOT, 'build/muster'), join(place, 'bin/muster'));
  for (const name of COMMAND_NAMES) symlinkSync('muster', join(place, 'bin', name));
}

export function read(path: string): Buffer {
  return readFileSync(join(ROOT, path));
}

export function versionOf(): string {
  return JSON.parse(read('package.json').toString()).version;
}

function put(place: string, path: string, content: Buffer | string, mode = 0o644): void {
  const file = join(place, path);
  ensureDirSync(dirname(file));
  if (typeof content === 'string') outputFileSync(file, content, { mode });
  else writeFileSync(file, content, { mode });
}

function completionFor(shell: string): string {
  const { stdout, status, stderr } = spawnSync(join(ROOT, 'build/muster'), ['completion', shell], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`muster completion ${shell}: ${stderr}`);
  return stdout;
}

function bootFiles(): { readonly path: string; readonly content: string; readonly mode: number }[] {
  const boot = join(ROOT, 'scripts/package/boot');
  return readdirSync(boot, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const content = readFileSync(file, 'utf8');
      return { path: file.slice(boot.length + 1), content, mode: content.startsWith('#!') ? 0o755 : 0o644 };
    });
}
