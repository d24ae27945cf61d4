/** Muster's own tree. To others it looks as an s6-svscan and its s6-supervise would; its scandir is in the live directory. */
import { catchAllOf } from '@muster/protocol/logs/catch-all';
import { deathsSince } from '../s6/restarts.ts';
import { orderScandir } from '../s6/svscan-control.ts';
import { lockHolder } from '../s6/tree-lock.ts';
import { straysOf } from '../strays/strays.ts';
import type { SupervisorAdapter } from '../supervisor-adapter.ts';
import { absenceOfTree } from './absence.ts';
import { treeControls } from './controls.ts';
import { EmbeddedDriver } from './driver.ts';
import { endTree } from './end.ts';
import { forceStopTree } from './force-stop.ts';
import { revive } from './revive.ts';
import { isTreeRunning, keepTree, startTree } from './start.ts';
import { differencesOfTree } from './surroundings.ts';

export const embedded: SupervisorAdapter = {
  name: 'embedded',
  ownsScandir: true,
  program: 'rc-svscan',
  limits: '',
  adopts: true,
  driver: ({ live, names, records, directoryOf, hasReadiness, revive }) =>
    new EmbeddedDriver({
      scandir: live.backend.scandir,
      names,
      directoryOf,
      hasReadiness,
      markOf: (service) => records.markOf(service),
      ...(revive === undefined ? {} : { revive }),
    }),
  render: (...words) => rendering().render(...words),
  unsupported: () => [],
  // It is started when it is needed.
  isWatching: () => true,
  obstacles: () => [],
  attach: (live, _, muster) => {
    if (!isTreeRunning(live.backend.scandir)) startTree(live, muster);
    return true;
  },
  detach: endTree,
  controls: treeControls,
  rescan: ({ scandir }) => orderScandir(scandir, ['a', 'n']),
  strays: (paths) => straysOf(paths, null),
  forceStop: forceStopTree,
  restart: startTree,
  revive,
  keep: keepTree,
  absence: absenceOfTree,
  differences: differencesOfTree,
  isOutOfSight: (scandir) => lockHolder(scandir) === 0,
  treeProcess: lockHolder,
  catchAll: ({ root }) => catchAllOf(root),
  deathsSince: (directory, _, began) => deathsSince(directory, began),
};

/** Loaded with the first directory that is rendered: most commands render none, and start sooner without it. */
function rendering() {
  return require('./service-directory.ts') as typeof import('./service-directory.ts');
}
