/** What a live directory holds of a database's services: directories for their supervisors, and pipes between them. */
import { type Database, everyService, LONGRUN, nameOf, type ServiceId } from '@muster/core/model/database';
import type { NewService } from '@muster/store/live/create';
import { isConsumer } from '../service-directory/pipes.ts';
import type { RenderTarget, SupervisorAdapter } from '../supervisor-adapter.ts';

/** For whom service directories are rendered. */
export interface ServiceTarget extends RenderTarget {
  readonly supervisor: Pick<SupervisorAdapter, 'render'>;
}

export function renderService(database: Database, service: ServiceId, target: ServiceTarget): NewService {
  return {
    name: nameOf(database, service),
    supervised: database.kinds[service] === LONGRUN,
    entries: target.supervisor.render(database, service, target),
  };
}

/** Longruns that read what others write. */
export function consumersOf(database: Database): string[] {
  return everyService(database)
    .filter((service) => isConsumer(database, service))
    .map((service) => nameOf(database, service));
}
