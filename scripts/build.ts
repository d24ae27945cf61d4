/** Compiles the command line into one executable with bytecode, and makes a link for each command. */
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../packages/cli/src/commands.ts';

const root = join(import.meta.dirname, '..');
const out = join(root, 'build');
mkdirSync(out, { recursive: true });

const built = await Bun.build({
  entrypoints: [join(root, 'packages/cli/src/main.ts')],
  compile: {
    outfile: join(out, 'muster.new'),
    // Else whoever owns the directory that root happens to be in has code run (preload) and variables set (RC_LIVE).
    autoloadBunfig: false,
    autoloadDotenv: false,
    autoloadTsconfig: false,
    autoloadPackageJson: false,
  },
  minify: true,
  bytecode: true,
  format: 'cjs',
});
if (!built.success) {
  for (const log of built.logs) console.error(log);
  process.exit(1);
}
renameSync(join(out, 'muster.new'), join(out, 'muster'));
for (const name of Object.keys(COMMANDS)) {
  rmSync(join(out, `rc-${name}`), { force: true });
  symlinkSync('muster', join(out, `rc-${name}`));
}
console.log(
  `build/muster, with links: ${Object.keys(COMMANDS)
    .map((name) => `rc-${name}`)
    .join(' ')}`,
);
