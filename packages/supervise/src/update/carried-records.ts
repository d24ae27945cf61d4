/** The records of a new database's services, from those of the old one's. */
import type { Database } from '@muster/core/model/database';
import { BLANK_RECORD, type ServiceRecord } from '@muster/core/model/record';
import { NOBODY } from '@muster/core/plan/update/identity';
import type { UpdatePlan } from '@muster/core/plan/update/update';

/**
 * `records`: by old id, after everything that must stop has stopped. What an old service was goes over to its heir; what
 * will be started is wanted, as much as what it stands for was, or because something needs it.
 */
export function carriedRecords(
  old: Database,
  next: Database,
  plan: UpdatePlan,
  records: readonly ServiceRecord[],
): ServiceRecord[] {
  const { ancestor, successors } = plan.identity;
  const carried = next.names.map((_, service): ServiceRecord => {
    const before = ancestor[service]!;
    if (before === NOBODY) return BLANK_RECORD;
    const record = records[before]!;
    if (old.kinds[before] === next.kinds[service]) return record;
    return { ...BLANK_RECORD, wanted: record.wanted, wantedBy: record.wantedBy };
  });
  for (const [before, record] of records.entries()) {
    for (const service of successors[before]!) {
      if (record.wanted === 'explicit' && carried[service]!.wanted !== 'explicit') want(service, record.wanted);
    }
  }
  for (const { service, action } of plan.up) {
    if (action === 'up' && carried[service]!.wanted === 'no') want(service, 'pulled');
  }
  return carried;

  function want(service: number, wanted: ServiceRecord['wanted']): void {
    carried[service] = { ...carried[service]!, wanted };
  }
}
