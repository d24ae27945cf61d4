/** A live directory for looking, and the services in it that a call's operands name. */

import type { ServiceId } from '@muster/core/model/database';
import { type Selection, select, servicesNamed } from '@muster/core/plan/goal';
import type { Call } from '../arguments/command.ts';
import { complainAbout, complainAboutNames } from '../render/complain.ts';
import { type Opened, openForReading, rootOf } from './read.ts';

export interface Selected extends Opened {
  readonly selection: Selection;
  /** All of the selection, ascending. */
  readonly chosen: readonly ServiceId[];
}

/** A number: an exit code, and what is wrong has been told. */
export function openSelected(program: string, call: Call): Selected | number {
  const opened = openForReading(rootOf(call));
  if (opened.kind === 'refused') return complainAbout(opened.diagnostic);
  const { selection, unknown } = select(opened.database, call.operands);
  if (unknown.length > 0) return complainAboutNames(program, unknown, opened.database);
  return { ...opened, selection, chosen: servicesNamed(selection) };
}
