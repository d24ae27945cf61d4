/** One service as data. */
import { type ServiceStatus, typeName } from '@muster/control/status/service-status';
import type { Database } from '@muster/core/model/database';

export function statusAsData(database: Database, status: ServiceStatus) {
  const { service, name, record, state, ready, pid, restarts, lastExit, stale } = status;
  return {
    name,
    type: typeName(database, service),
    wanted: record.wanted,
    state: state.name,
    ready,
    pid: pid === 0 ? null : pid,
    since: state.since === 0 ? null : new Date(state.since).toISOString(),
    restarts,
    lastExit,
    reason: state.reason.why,
    stale,
  };
}
