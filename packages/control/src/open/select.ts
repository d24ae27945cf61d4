/** A live directory for looking, and the services in it that names stand for. */
import type { ServiceId } from '@muster/core/model/database';
import { type Selection, select, servicesNamed } from '@muster/core/plan/goal';
import { failure, type Result, success } from '@muster/core/result';
import type { ControlEventSink } from '../events.ts';
import type { LookProblem } from '../problems.ts';
import { type Opened, openForReading } from './read.ts';

export interface Selected extends Opened {
  readonly selection: Selection;
  /** All of the selection, ascending. */
  readonly chosen: readonly ServiceId[];
}

/** `names`: of services and bundles. */
export function openSelected(
  root: string,
  names: readonly string[],
  events: ControlEventSink,
): Result<Selected, LookProblem> {
  const opened = openForReading(root, events);
  if (!opened.ok) return opened;
  const { database } = opened.value;
  const { selection, unknown } = select(database, names);
  if (unknown.length > 0) {
    opened.value.records.close();
    return failure({ kind: 'unknown-names', unknown, database });
  }
  return success({ ...opened.value, selection, chosen: servicesNamed(selection) });
}
