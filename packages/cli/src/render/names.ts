/** Names of services for people. */
import { showName } from '@muster/core/compile/names';
import { nearest } from '@muster/core/compile/nearest';
import { type Database, nameOf, type ServiceId } from '@muster/core/model/database';

export function namesOf(database: Database, services: readonly ServiceId[]): string[] {
  return services.map((service) => nameOf(database, service));
}

/** `web, worker and 3 more` */
export function listed(names: readonly string[], most = 8): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

/** Of names that nothing has: `there is no service or bundle wbe; did you mean web?` */
export function unknownNameTexts(database: Database, unknown: readonly string[]): string[] {
  const known = [...database.names, ...database.bundleNames];
  return unknown.map((name) => {
    const near = nearest(name, known).map(showName);
    const guess = near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
    return `there is no service or bundle ${showName(name)}${guess}`;
  });
}
