/** What services ask for and a supervisor cannot do, to be said before anything is started. */
import { type Database, everyService, LONGRUN, type ServiceId } from '@muster/core/model/database';
import type { Longrun } from '@muster/core/model/definition';
import type { BackendKind } from '@muster/store/live/backend';
import { SUPERVISORS_DELAY } from './finish-script.ts';
import { GREATEST_SHELL_DESCRIPTOR } from './shell.ts';

export interface Unsupported {
  readonly service: ServiceId;
  /** The file of the definition that asks for it. */
  readonly feature: string;
  readonly wayOut: string;
}

/**
 * Sorted by service. Empty for the embedded tree. `knows`: whether the s6 that is there knows the file of a service
 * directory, which older ones do not.
 */
export function unsupported(
  database: Database,
  backend: BackendKind,
  knows: (file: string) => boolean = () => true,
): Unsupported[] {
  const found: Unsupported[] = [];
  if (backend === 'embedded') return found;
  for (const service of everyService(database)) {
    if (database.kinds[service] !== LONGRUN) continue;
    const definition = database.definition(service);
    if (definition.type !== 'longrun') continue;
    for (const [feature, wayOut] of lacking(definition, backend, knows)) found.push({ service, feature, wayOut });
  }
  return found;
}

function* lacking(
  longrun: Longrun,
  backend: Exclude<BackendKind, 'embedded'>,
  knows: (file: string) => boolean,
): Generator<[feature: string, wayOut: string]> {
  if (longrun.restart.delayMin < SUPERVISORS_DELAY && longrun.restart.policy !== 'never') {
    yield [
      'restart-delay',
      `${backend} waits up to one second before a restart: write 1000 or more, or use -b embedded`,
    ];
  }
  if (backend === 's6') {
    for (const [file, isAsked] of [
      ['flag-newpidns', longrun.newPidNamespace],
      ['flag-timeout-killpg', longrun.killProcessGroup],
    ] as const) {
      if (isAsked && !knows(file)) yield [file, 'this s6 does not know it yet: take a newer one, or use -b embedded'];
    }
    return;
  }
  if (longrun.newPidNamespace) {
    yield ['flag-newpidns', 'let run execute unshare --pid --fork --kill-child, or use -b embedded'];
  }
  for (const [feature, descriptor] of [
    ['notification-fd', longrun.notificationFd],
    ['lock-fd', longrun.lockFd],
  ] as const) {
    if (descriptor !== null && descriptor > GREATEST_SHELL_DESCRIPTOR) {
      yield [feature, `a script keeps the descriptor open for runit: use one up to ${GREATEST_SHELL_DESCRIPTOR}`];
    }
  }
}
