/** `renamed-from`: an update must know which one service goes on as the earlier one. */
import type { Report } from '../diagnostics/report.ts';
import { showName } from './names.ts';
import { type ParsedService, placeOf, type Reference } from './parsed.ts';
import type { Referent } from './resolution.ts';

const LIST = 'renamed-from';

export function checkRenames(
  services: readonly ParsedService[],
  targets: ReadonlyMap<string, Referent>,
  report: Report,
): void {
  const claims = new Map<string, { readonly service: ParsedService; readonly reference: Reference }>();
  for (const service of services) {
    for (const reference of service.renamedFrom) {
      const name = showName(reference.name);
      const at = placeOf(service, LIST, reference);
      const other = claims.get(reference.name);
      if (targets.get(reference.name)?.kind === 'service')
        report.add(
          'renamed-from-present',
          `${showName(service.name)} cannot have been ${name}, which is still defined`,
          {
            at,
            hint: 'remove this line, or the definition of the earlier name',
          },
        );
      else if (other !== undefined)
        report.add(
          'renamed-from-twice',
          `${showName(other.service.name)} and ${showName(service.name)} both say that they were ${name}`,
          {
            at,
            notes: [{ message: 'it is also said here', at: placeOf(other.service, LIST, other.reference) }],
            hint: 'one service goes on as the earlier one: remove the line from the other',
          },
        );
      else claims.set(reference.name, { service, reference });
    }
  }
}
