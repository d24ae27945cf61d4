/** The table of all kinds of supervisors. */
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import type { Scandir } from '@muster/store/live/backend';
import type { LivePaths } from '@muster/store/live/paths';
import { Damaged, damaged } from '@muster/store/live/problem';
import { embedded } from './embedded/supervisor.ts';
import { runit } from './runit/supervisor.ts';
import { s6 } from './s6/supervisor.ts';
import type { LivePlace, SupervisorAdapter } from './supervisor-adapter.ts';

/** Of who asks for none. */
export const DEFAULT_SUPERVISOR: SupervisorAdapter = embedded;

const SUPERVISORS: SupervisorAdapter[] = [embedded, s6, runit];

const UNKNOWN = 'it does not name a kind of supervisor';

/** Of a live directory. Throws Damaged if that names none. */
export function supervisorFor({ backend, paths }: LivePlace): SupervisorAdapter {
  const found = supervisorNamed(backend.kind);
  if (found === undefined) throw new Damaged(paths.backend, UNKNOWN);
  return found;
}

/** What is wrong with a live directory whose supervisor is none of these. */
export function unknownSupervisor({ backend }: LivePaths): Diagnostic {
  return damaged(backend, UNKNOWN);
}

export function supervisorNamed(name: string): SupervisorAdapter | undefined {
  return SUPERVISORS.find((each) => each.name === name);
}

export function everySupervisor(): readonly SupervisorAdapter[] {
  return SUPERVISORS;
}

/** For the store, which makes links in it or leaves that to `attach`. */
export function scandirOf(place: LivePlace): Scandir {
  const { scandir, prefix } = place.backend;
  return { scandir, prefix, isOwn: supervisorFor(place).ownsScandir };
}

/** One that is not Muster's own. */
export function addSupervisor(kind: SupervisorAdapter): void {
  SUPERVISORS.push(kind);
}
