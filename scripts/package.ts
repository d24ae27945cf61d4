/**
 * Makes packages of what is built: a plain archive, one for Debian, two for npm. Arguments: the directory for them, a level
 * of compression (6), and which (archive, deb, npm; otherwise all).
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureDirSync } from 'fs-extra/esm';
import { packArchive } from './package/archive.ts';
import { packDeb } from './package/deb.ts';
import { packNpm } from './package/npm.ts';
import { type Target, thisArchitecture } from './package/package.ts';

const MAKERS: Readonly<Record<string, (target: Target) => string | readonly string[]>> = {
  archive: packArchive,
  deb: packDeb,
  npm: packNpm,
};

const [directory = 'build/packages', level = '6', ...kinds] = process.argv.slice(2);
const unknown = kinds.filter((kind) => !Object.hasOwn(MAKERS, kind));
if (unknown.length > 0 || !/^[0-9]$/.test(level)) {
  console.error(`usage: package.ts [DIRECTORY [LEVEL [${Object.keys(MAKERS).join('|')}]…]]`);
  process.exit(100);
}
const out = resolve(directory);
ensureDirSync(out);
const target = { out, arch: thisArchitecture(), level: Number(level), date: new Date(epoch() * 1000) };
for (const kind of kinds.length > 0 ? kinds : Object.keys(MAKERS))
  for (const path of [MAKERS[kind]!(target)].flat())
    console.log(`${path}\t${(statSync(path).size / 1e6).toFixed(1)} MB`);

/** Seconds: the commit's, unless the environment says otherwise. */
function epoch(): number {
  const said = process.env.SOURCE_DATE_EPOCH;
  if (said !== undefined) return Number(said);
  const { stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8' });
  return Number(stdout.trim()) || Math.floor(Date.now() / 1000);
}
