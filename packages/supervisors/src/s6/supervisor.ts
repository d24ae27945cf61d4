/** Skarnet's s6: an s6-svscan that somebody else has started, with an s6-supervise for each service. */
import { statSync } from 'node:fs';
import { decodeStatus } from '@muster/protocol/s6/status';
import { foreignTree } from '../scandir/foreign-tree.ts';
import { guarded } from '../scandir/guarded-driver.ts';
import type { SupervisorAdapter } from '../supervisor-adapter.ts';
import { S6Driver } from './driver.ts';
import { deathsSince } from './restarts.ts';
import { isWatched, orderScandir } from './svscan-control.ts';
import { knowsFile, servicesAtMost, svscanOf } from './svscan-process.ts';
import { lockHolder } from './tree-lock.ts';
import { unsupportedByS6 } from './unsupported.ts';

const lookAgain = (scandir: string) => orderScandir(scandir, ['a']);

const tree = foreignTree({
  name: 's6',
  program: 's6-svscan',
  superviseProgram: 's6-supervise',
  isWatching: isWatched,
  unsupported: (longrun, scandir) => unsupportedByS6(longrun, (file) => knowsFile(scandir, file)),
  atMost: servicesAtMost,
  watchedFor,
  wayOut: (together) => `start it with a greater number: s6-svscan -c ${together} (-C since s6 2.12)`,
  mayAttach: isWatched,
  findLinks: lookAgain,
  lookAgain,
  statedPid: (status) => decodeStatus(status)?.pid ?? 0,
});

export const s6: SupervisorAdapter = {
  ...tree,
  limits: 's6-svscan may watch fewer services: see its -c (-C since 2.12)',
  driver: (context) =>
    guarded(new S6Driver(context.directoryOf, context.hasReadiness), context, () => tree.strays(context.live.paths)),
  render: (...words) => rendering().render(...words),
  isOutOfSight: (scandir) => lockHolder(scandir) === 0,
  treeProcess: svscanOf,
  deathsSince: (directory, _, began) => deathsSince(directory, began),
};

/** s6-svscan counts a logger in `log/` as another service. */
function watchedFor(scandir: string, names: readonly string[]): number {
  const isDirectory = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const directories = names.map((name) => `${scandir}/${name}`).filter(isDirectory);
  return directories.length + directories.filter((path) => isDirectory(`${path}/log`)).length;
}

/** Loaded with the first directory that is rendered: most commands render none, and start sooner without it. */
function rendering() {
  return require('./service-directory.ts') as typeof import('./service-directory.ts');
}
