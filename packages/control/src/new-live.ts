/** What a live directory is made of: a database, and a directory for each of its services. */
import type { Variables } from '@muster/core/instances/instance-definition';
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
  /** The variables of instances that are laid over the target, by the names under which they will be kept. */
  readonly environments?: ReadonlyMap<string, Variables>;
}

export function newLive(
  root: string,
  { bytes, database, instances, hash, mode }: Target,
  { backend, environment, muster, environments = new Map() }: Surrounding,
): NewLive {
  const supervisor = supervisorFor({ backend, paths: livePaths(root) });
  const { ownsScandir } = supervisor;
  const target = { supervisor, live: root, muster };
  const services = everyService(database).map((service) => renderService(database, service, target));
  return {
    hash,
    database: bytes,
    mode,
    backend,
    ownsScandir,
    environment,
    services,
    consumers: consumersOf(database),
    instances: { set: instances, environments },
  };
}
