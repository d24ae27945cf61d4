/** Lists of services for people. */
import type { Database, ServiceId } from '@muster/core/model/database';

export function namesOf(database: Database, services: readonly ServiceId[]): string[] {
  return services.map((service) => database.names[service]!);
}

/** `web, worker and 3 more` */
export function listed(names: readonly string[], most = 8): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
