/**
 * Bringing a live directory's services under supervisors, and telling whether they are. Everything here can be done
 * again: what is there already is left as it is.
 *
 * Under s6 and runit the runner of oneshots is one more service in the scandir; its name begins as no definition's may.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { type Database, LONGRUN } from '@muster/core/model/database';
import { controlPath } from '@muster/protocol/oneshots/protocol';
import type { Live } from '@muster/store/live/open';
import { isTreeRunning, startTree } from '../embedded/start.ts';
import { type Entry, isWatched, linkInto, stirScandir, tellScandir } from '../s6/scandir.ts';
import { quoted } from '../service-directory/shell.ts';

const RUNNER = 's6rc-oneshots';

/** Starts the tree, or joins the one that is there. False: there is nobody to join. */
export function join(live: Live, database: Database, muster: string): boolean {
  const { backend } = live;
  switch (backend.kind) {
    case 'embedded':
      if (!isTreeRunning(backend.scandir)) startTree(live, muster);
      return true;
    case 's6':
      if (!isWatched(backend.scandir)) return false;
      writeRunnerService(live, muster);
      linkInto(backend.scandir, live.paths.root, entriesIn(live, database));
      // Always: who made the links may have been killed before it could tell.
      tellScandir(backend.scandir, ['a']);
      return true;
    case 'runit':
      writeRunnerService(live, muster);
      linkInto(backend.scandir, live.paths.root, entriesIn(live, database));
      stirScandir(backend.scandir);
      return true;
  }
}

/** The FIFOs that are read once every supervisor answers. */
export function controlsOf(live: Live, { names, kinds }: Database): string[] {
  const controls = [controlPath(live.paths.oneshots)];
  if (live.backend.kind !== 'embedded') controls.push(`${runnerDirectory(live.paths.oneshots)}/supervise/control`);
  for (const [service, name] of names.entries()) {
    if (kinds[service] === LONGRUN) controls.push(`${live.paths.services}/${name}/supervise/control`);
  }
  return controls;
}

/** What lies in the scandir of somebody else's tree because of this live directory. */
export function entriesIn({ backend, paths }: Pick<Live, 'backend' | 'paths'>, { names, kinds }: Database): Entry[] {
  const entries = [{ name: `${backend.prefix}${RUNNER}`, target: runnerDirectory(paths.oneshots) }];
  for (const [service, name] of names.entries()) {
    if (kinds[service] === LONGRUN) entries.push({ name: backend.prefix + name, target: `${paths.services}/${name}` });
  }
  return entries;
}

function runnerDirectory(oneshots: string): string {
  return `${oneshots}/service`;
}

function writeRunnerService({ paths }: Live, muster: string): void {
  const directory = runnerDirectory(paths.oneshots);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  writeFileSync(`${directory}/run`, `#!/bin/sh\nexec ${quoted(muster)} oneshots ${quoted(paths.root)}\n`);
  chmodSync(`${directory}/run`, 0o755);
}
