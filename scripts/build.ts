/**
 * Compiles the command line into one executable with bytecode, and makes a link for each command. In it every command
 * that needs no other has a bundle of its own (packages/cli/src/executable.ts).
 */
import { mkdtempSync, renameSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BunPlugin } from 'bun';
import { ensureDirSync, readJsonSync, removeSync } from 'fs-extra/esm';
import { COMMANDS } from '../packages/cli/src/commands.ts';
import { PAGES, readPages } from '../packages/cli/src/help/pages.ts';

const root = join(import.meta.dirname, '..');
const out = join(root, 'build');
const cli = join(root, 'packages/cli/src');
const definitions = join(root, 'packages/store/src/database/definition-bytes.ts');
const names = Object.keys(COMMANDS);
/** Those that need no other command. */
const alone = names.filter((name) => name !== 'completion');
/** Where an executable finds what was compiled into it. */
const INSIDE = '/$bunfs/root';
const WHOLE = 'muster';
/** What only help and complaints need, so that each command's bundle does not have a copy. */
const YARGS = 'yargs';
/** What packs definitions, which most commands never look at. */
const DEFINITIONS = 'definitions';
/** What only `muster help WORD` needs: the texts of docs/, and what finds its way in them. */
const HELP = 'help';
/** The version stands in package.json alone. */
const define = { VERSION: JSON.stringify(readJsonSync(join(root, 'package.json')).version) };

/** Makes commands.ts a table of one command, which is then loaded with main.ts; what others share is loaded when it is needed. */
function only(name: string): BunPlugin {
  const text = `import { command } from './commands/${name}.ts';
    export const COMMANDS = { '${name}': { summary: command.summary, load: async () => ({ command }) } };`;
  const elsewhere = `export const { commandHelp, complaintAbout } = await import('${INSIDE}/${YARGS}.js');`;
  const packing = `export const { encodeDefinition, encodeTemplate, decodeDefinition, decodeTemplate } =
    require('${INSIDE}/${DEFINITIONS}.js');`;
  return {
    name: `only ${name}`,
    setup: (build) => {
      build.onLoad({ filter: /\/cli\/src\/commands\.ts$/ }, () => ({ loader: 'ts', contents: text }));
      build.onLoad({ filter: /\/arguments\/yargs\.ts$/ }, () => ({ loader: 'ts', contents: elsewhere }));
      build.onLoad({ filter: /\/database\/definition-bytes\.ts$/ }, () => ({ loader: 'ts', contents: packing }));
      for (const filter of [/\/completion\/candidates\.ts$/, /\/help\/help\.ts$/])
        build.onLoad({ filter }, () => ({ loader: 'ts', contents: 'export {};' }));
    },
  };
}

/** In the bundle of all commands: what helps is loaded when somebody asks for it. */
const helpElsewhere: BunPlugin = {
  name: 'help elsewhere',
  setup: (build) => {
    const contents = `export const { passagesFor, knownWords } = await import('${INSIDE}/${HELP}.js');`;
    build.onLoad({ filter: /\/help\/help\.ts$/ }, () => ({ loader: 'ts', contents }));
  },
};

/** The pages themselves in place of where they are read. */
const pagesInside: BunPlugin = {
  name: 'pages inside',
  setup: (build) => {
    const contents = `export const PAGES = ${JSON.stringify(PAGES)};
      export const readPages = () => (${JSON.stringify(readPages())});`;
    build.onLoad({ filter: /\/help\/pages\.ts$/ }, () => ({ loader: 'ts', contents }));
  },
};

async function build(options: Parameters<typeof Bun.build>[0]): Promise<void> {
  const built = await Bun.build({
    target: 'bun',
    format: 'esm',
    minify: true,
    external: [`${INSIDE}/*`],
    ...options,
  });
  if (built.success) return;
  for (const log of built.logs) console.error(log);
  process.exit(1);
}

const bundles = mkdtempSync(join(tmpdir(), 'muster-build-'));
const bundle = (name: string) => join(bundles, `${name}.js`);
try {
  for (const name of alone)
    await build({
      entrypoints: [join(cli, 'main.ts')],
      plugins: [only(name)],
      define,
      outdir: bundles,
      naming: `${name}.js`,
    });
  await build({
    entrypoints: [join(cli, 'main.ts')],
    plugins: [helpElsewhere],
    define,
    outdir: bundles,
    naming: `${WHOLE}.js`,
  });
  await build({
    entrypoints: [join(cli, 'help/help.ts')],
    plugins: [pagesInside],
    outdir: bundles,
    naming: `${HELP}.js`,
  });
  await build({ entrypoints: [join(cli, 'arguments/yargs.ts')], outdir: bundles, naming: `${YARGS}.js` });
  await build({ entrypoints: [definitions], outdir: bundles, naming: `${DEFINITIONS}.js` });
  await build({
    entrypoints: [join(cli, 'executable.ts')],
    outdir: bundles,
    define: {
      WHOLE: JSON.stringify(`${INSIDE}/${WHOLE}.js`),
      BUNDLES: JSON.stringify(Object.fromEntries(alone.map((name) => [name, `${INSIDE}/${name}.js`]))),
    },
  });
  ensureDirSync(out);
  await build({
    entrypoints: ['executable', WHOLE, YARGS, DEFINITIONS, HELP, ...alone].map(bundle),
    root: bundles,
    bytecode: true,
    compile: {
      outfile: join(out, 'muster.new'),
      // Whoever has much to do says so: `expectMuchWork` of posix/runtime.
      jitPolicy: 30,
      // Else whoever owns the directory that root happens to be in has code run (preload) and variables set (RC_LIVE).
      autoloadBunfig: false,
      autoloadDotenv: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
} finally {
  removeSync(bundles);
}
renameSync(join(out, 'muster.new'), join(out, 'muster'));
for (const name of names) {
  removeSync(join(out, `rc-${name}`));
  symlinkSync('muster', join(out, `rc-${name}`));
}
console.log(`build/muster, with links: ${names.map((name) => `rc-${name}`).join(' ')}`);
