/** The records of a new database's services, from those of the old one's. */
import { contentHashOf } from '@muster/core/model/content-hash';
import { type Database, entryOf, everyService, nameOf, type ServiceId } from '@muster/core/model/database';
import { BLANK_RECORD, type ServiceRecord } from '@muster/core/model/record';
import { NOBODY } from '@muster/core/plan/update/identity';
import type { UpdatePlan } from '@muster/core/plan/update/update';

/**
 * `records`: by old id, after everything that must stop has stopped; `stale`: old names of what runs on another definition
 * than `old`'s. What an old service was goes over to its successor; what
 * will be started is wanted, as much as what it stands for was, or because something needs it.
 */
export function carriedRecords(
  old: Database,
  next: Database,
  plan: UpdatePlan,
  records: readonly ServiceRecord[],
  stale: ReadonlySet<string>,
): ServiceRecord[] {
  const { predecessor, standIns } = plan.identity;
  const carried = everyService(next).map((service): ServiceRecord => {
    const before = entryOf(predecessor, service);
    if (before === NOBODY) return BLANK_RECORD;
    const record = entryOf(records, before);
    if (old.kinds[before] === next.kinds[service]) return withDefinition(record, before);
    return { ...BLANK_RECORD, wanted: record.wanted, wantedBy: record.wantedBy };
  });
  for (const before of everyService(old)) {
    const record = entryOf(records, before);
    for (const service of entryOf(standIns, before)) {
      if (record.wanted === 'explicit' && entryOf(carried, service).wanted !== 'explicit') want(service, record.wanted);
    }
  }
  for (const { service, action } of plan.up) {
    if (action === 'up' && entryOf(carried, service).wanted === 'no') want(service, 'pulled');
  }
  return carried;

  /** What its supervisor has started again since its last transition was started from the definition that was live. */
  function withDefinition(record: ServiceRecord, service: ServiceId): ServiceRecord {
    if (record.transition !== 'up' || stale.has(nameOf(old, service))) return record;
    return { ...record, contentHash: contentHashOf(old, service) };
  }

  function want(service: ServiceId, wanted: ServiceRecord['wanted']): void {
    carried[service] = { ...entryOf(carried, service), wanted };
  }
}
