/**
 * Making the directories, links and pipes of instances what their set says.
 *
 *     set with `arriving` and `leaving` ──directories, links, supervisors──▶ set without
 *
 * The set is written first, so that what is begun here is known to whoever comes next: killed at any point, the next command that
 * changes something in the live directory begins again, and comes to the same end.
 */
import { lstatSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type InstanceSet, isUnsettled } from '@muster/core/instances/instance-set';
import { LONGRUN, servicesByName } from '@muster/core/model/database';
import { namesIn } from '@muster/posix/absence';
import { type Deadline, timeLeft } from '@muster/posix/deadline';
import { ensurePipe, makePipesDirectory } from '@muster/posix/producer-pipe';
import { unstage } from '@muster/store/live/arrangement/arrangement';
import { publish } from '@muster/store/live/arrangement/publish';
import { stage } from '@muster/store/live/arrangement/stage';
import { writeInstances } from '@muster/store/live/instances';
import type { LivePaths } from '@muster/store/live/paths';
import { CONTROL_FIFO } from '@muster/store/live/service-files';
import { renderService } from '@muster/supervisors/arrange/services';
import { isConsumer } from '@muster/supervisors/service-directory/pipes';
import { scandirOf, supervisorFor } from '@muster/supervisors/supervisor-table';
import { untilRead, untilUnread } from '@muster/supervisors/until-read';
import type { Opened } from '../open/read.ts';

/** Milliseconds that supervisors have to answer, and to leave. */
const PATIENCE = 30_000;

/** The caller holds the lock of instances, or that of the database alone. Returns the set as it is then. Throws what the system refuses. */
export async function settle(opened: Opened, muster: string, deadline: Deadline): Promise<InstanceSet> {
  const { live, database, instances } = opened;
  if (!isUnsettled(instances)) return instances;
  const paths: LivePaths = { ...live.paths, staged: live.paths.settling };
  const supervisor = supervisorFor(live);
  await letGo(opened, deadline);
  const ids = servicesByName(database);
  const arriving = instances.arriving.flatMap((name) => ids.get(name) ?? []);
  const target = { supervisor, live: paths.root, muster };
  const services = arriving.map((service) => {
    const rendered = renderService(database, service, target);
    return { ...rendered, was: isThere(join(paths.services, rendered.name)) ? rendered.name : null };
  });
  const leaving = instances.leaving.filter(({ name }) => !ids.has(name));
  const gone = leaving.filter(({ name }) => isThere(join(paths.services, name)));
  const nothing = { pipes: [], gonePipes: [], movedPipes: [] };
  const arrangement = stage(paths, scandirOf(live), { services, gone, ...nothing });
  makePipesDirectory(paths.pipes);
  for (const service of arriving)
    if (isConsumer(database, service)) ensurePipe(join(paths.pipes, database.names[service]!));
  publish(paths, scandirOf(live), arrangement);
  if (supervisor.ownsScandir) {
    for (const service of arriving) {
      const name = database.names[service]!;
      const link = join(live.backend.scandir, `${live.backend.prefix}${name}`);
      if (database.kinds[service] === LONGRUN && !isThere(link)) symlinkSync(`../services/${name}`, link);
    }
  }
  supervisor.attach(live, database, muster);
  await letGo(opened, deadline);
  supervisor.rescan(live.backend, []);
  const supervised = services.filter((service) => service.supervised);
  await untilRead(
    supervised.map(({ name }) => join(paths.services, name, CONTROL_FIFO)),
    timeLeft(deadline, PATIENCE),
  );
  for (const { name } of leaving) rmSync(join(paths.pipes, name), { force: true });
  const settled = { ...instances, arriving: [], leaving: [] };
  unstage(paths);
  writeInstances(live.instancesPath, settled);
  return settled;
}

/** The supervisors of what has left are told, and waited for: what is removed under them could not be told any more. */
async function letGo({ live }: Opened, deadline: Deadline): Promise<void> {
  const away = join(live.paths.settling, 'gone');
  const directories = namesIn(away).map((name) => join(away, name));
  if (directories.length === 0) return;
  supervisorFor(live).rescan(live.backend, directories);
  await untilUnread(
    directories.map((directory) => join(directory, CONTROL_FIFO)),
    timeLeft(deadline, PATIENCE),
  );
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
