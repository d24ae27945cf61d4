/** runit: a runsvdir that somebody else has started, with a runsv for each service. It answers nobody, and has no lock. */
import { foreignTree } from '../scandir/foreign-tree.ts';
import { guarded } from '../scandir/guarded-driver.ts';
import type { SupervisorAdapter } from '../supervisor-adapter.ts';
import { RunitDriver } from './driver.ts';
import { runsvdirOf } from './runsvdir-process.ts';
import { decodeRunitStatus } from './status.ts';
import { stirScandir } from './stir-scandir.ts';
import { unsupportedByRunit } from './unsupported.ts';

const tree = foreignTree({
  name: 'runit',
  program: 'runsvdir',
  superviseProgram: 'runsv',
  isWatching: (scandir) => runsvdirOf(scandir) !== null,
  unsupported: unsupportedByRunit,
  atMost: (scandir) => runsvdirOf(scandir)?.atMost ?? null,
  watchedFor: (_, names) => names.length,
  wayOut: () => 'no option changes that: use another runsvdir for some of them, or -b embedded',
  mayAttach: () => true,
  findLinks: stirScandir,
  lookAgain: () => {},
  statedPid: (status) => decodeRunitStatus(status)?.pid ?? 0,
});

export const runit: SupervisorAdapter = {
  ...tree,
  limits: '',
  driver: (context) => guarded(new RunitDriver(context.directoryOf), context, () => tree.strays(context.live.paths)),
  render: (...words) => rendering().render(...words),
  isOutOfSight: () => false,
  treeProcess: (scandir) => runsvdirOf(scandir)?.pid ?? null,
  // runsv keeps no times.
  deathsSince: (_, seen) => ({ count: seen.deaths, each: [] }),
};

/** Loaded with the first directory that is rendered: most commands render none, and start sooner without it. */
function rendering() {
  return require('./service-directory.ts') as typeof import('./service-directory.ts');
}
