/** How services are, and the tree that keeps them. Takes no lock, and never waits. */

import { existsSync } from 'node:fs';
import type { Database } from '@muster/core/model/database';
import { everyService } from '@muster/core/model/database';
import { type Result, success } from '@muster/core/result';
import type { Live } from '@muster/store/live/open';
import type { TreeAbsence } from '@muster/supervisors/supervisor-adapter';
import { supervisorFor } from '@muster/supervisors/supervisor-table';
import type { ControlEventSink } from '../events.ts';
import { openSelected } from '../open/select.ts';
import type { LookProblem } from '../problems.ts';
import { type ServiceStatus, statusesOf } from './service-status.ts';

export interface StatusRequest {
  /** The live directory. */
  readonly root: string;
  /** Of services and bundles; none: all. */
  readonly names: readonly string[];
}

export interface StatusReport {
  readonly live: Live;
  readonly database: Database;
  /** In the order of their names. */
  readonly services: readonly ServiceStatus[];
  /** Null if the supervision tree runs, as far as this user can see, or it is none of ours. */
  readonly absence: TreeAbsence | null;
  /** A container's process 1 has not finished bringing up what it is for. */
  readonly isBooting: boolean;
  /** In what the tree that runs is unlike the first one, for people. */
  readonly differences: readonly string[];
}

export function status({ root, names }: StatusRequest, events: ControlEventSink): Result<StatusReport, LookProblem> {
  const opened = openSelected(root, names, events);
  if (!opened.ok) return opened;
  const { live, database, records, chosen } = opened.value;
  try {
    const services = statusesOf(opened.value, names.length === 0 ? everyService(database) : chosen);
    const supervisor = supervisorFor(live);
    const absence = live.outlived === null ? supervisor.absence(live) : null;
    const isBooting = live.outlived === null && existsSync(live.paths.booting);
    return success({ live, database, services, absence, isBooting, differences: supervisor.differences(live.paths) });
  } finally {
    records.close();
  }
}
