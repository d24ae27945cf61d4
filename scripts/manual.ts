/** Writes the manual pages below the directory that is named, as man(1) looks for them: `man1/rc-status.1`. */
import { join } from 'node:path';
import { ensureDirSync, outputFileSync, readJsonSync, removeSync } from 'fs-extra/esm';
import { COMMANDS } from '../packages/cli/src/commands.ts';
import { readPages } from '../packages/cli/src/help/pages.ts';
import { commandPage, documentPages } from './manual/pages.ts';

const out = process.argv[2];
if (out === undefined) {
  console.error('usage: manual.ts DIRECTORY');
  process.exit(100);
}
const { version } = readJsonSync(join(import.meta.dirname, '../package.json'));
const epoch = process.env.SOURCE_DATE_EPOCH;
const edition = { version, date: epoch === undefined ? new Date() : new Date(Number(epoch) * 1000) };

removeSync(out);
ensureDirSync(out);
const commands = await Promise.all(
  Object.entries(COMMANDS).map(async ([name, { load }]) => commandPage(name, (await load()).command, edition)),
);
const pages = [...commands, ...documentPages(readPages(), edition)];
for (const { name, section, text } of pages) outputFileSync(join(out, `man${section}`, `${name}.${section}`), text);
console.log(`${pages.length} manual pages in ${out}`);
