/** What commands look at: the live directory that their options name, and the services that their operands do. */
import { type Opened, openForReading } from '@muster/control/open/read';
import { openSelected, type Selected } from '@muster/control/open/select';
import type { LookProblem, Unusable } from '@muster/control/problems';
import type { Result } from '@muster/core/result';
import type { Call } from './arguments/command.ts';
import { rootOf } from './arguments/paths.ts';
import { tellingPeople } from './render/told.ts';

/** Of an outlived live directory it is told once, however often a command looks. */
export const people = tellingPeople('muster');

export function lookAt(root: string): Result<Opened, Unusable> {
  return openForReading(root, people);
}

export function lookAtSelected(call: Call): Result<Selected, LookProblem> {
  return openSelected(rootOf(call), call.operands, people);
}
