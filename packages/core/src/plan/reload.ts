/** What can be told to read its configuration again. */
import type { Database, ServiceId } from '../model/database.ts';

/** A longrun gets a signal; a oneshot needs a script for it. */
export function canReload(database: Database, service: ServiceId): boolean {
  const definition = database.definition(service);
  return definition.type === 'longrun' || definition.reload !== null;
}
