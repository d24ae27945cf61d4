/** What a live directory is made of: a database, and a directory for each of its services. */
import { everyService } from '@muster/core/model/database';
import type { Backend } from '@muster/store/live/backend';
import type { NewLive } from '@muster/store/live/create';
import { livePaths } from '@muster/store/live/paths';
import { consumersOf, renderService } from '@muster/supervisors/arrange/services';
import { supervisorFor } from '@muster/supervisors/supervisor-table';
import type { Target } from './update/target.ts';

interface Surrounding {
  readonly backend: Backend;
  /** Of services, in the form of /proc/PID/environ. */
  readonly environment: Uint8Array;
  /** Path of the executable. */
  readonly muster: string;
}

export function newLive(
  root: string,
  { bytes, database, hash, mode }: Target,
  { backend, environment, muster }: Surrounding,
): NewLive {
  const supervisor = supervisorFor({ backend, paths: livePaths(root) });
  const { ownsScandir } = supervisor;
  const target = { supervisor, live: root, muster };
  const services = everyService(database).map((service) => renderService(database, service, target));
  return { hash, database: bytes, mode, backend, ownsScandir, environment, services, consumers: consumersOf(database) };
}
