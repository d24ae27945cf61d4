/** Events as they are recorded, and told to programs: services by name. */
import type { Event } from './ports.ts';

export function namedEvent(names: readonly string[], event: Event): { readonly event: string } {
  const fields = Object.entries(event).map(([key, value]) => [key, isServiceKey(key) ? names[value as number] : value]);
  return Object.fromEntries(fields);
}

function isServiceKey(key: string): boolean {
  return key === 'service' || key === 'on' || key === 'because';
}
