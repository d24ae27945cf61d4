/** What an update changes among service directories and pipes. Only what can differ is rendered. */
import { targetsOf } from '@muster/core/graph/edges';
import { contentHashOf } from '@muster/core/model/content-hash';
import {
  type Database,
  entryOf,
  hasFlag,
  LONGRUN,
  nameOf,
  type ServiceId,
  servicesByName,
} from '@muster/core/model/database';
import { type Identity, NOBODY } from '@muster/core/plan/update/identity';
import type { WantedArrangement } from '@muster/store/live/arrangement/arrangement';
import { renderService, type ServiceTarget } from '@muster/supervisors/arrange/services';
import { isConsumer } from '@muster/supervisors/service-directory/pipes';

export function wantedArrangement(
  old: Database,
  next: Database,
  identity: Identity,
  target: ServiceTarget,
): WantedArrangement {
  const services: WantedArrangement['services'][number][] = [];
  const pipes: string[] = [];
  const movedPipes: [string, string][] = [];
  for (const [name, service] of servicesByName(next)) {
    const predecessor = predecessorOf(service);
    if (predecessor === NOBODY) services.push({ ...renderService(next, service, target), was: null });
    else if (inputsOf(old, predecessor) !== inputsOf(next, service)) {
      services.push({ ...renderService(next, service, target), was: nameOf(old, predecessor) });
    }
    if (!isConsumer(next, service)) continue;
    if (predecessor === NOBODY || !isConsumer(old, predecessor)) pipes.push(name);
    else if (old.names[predecessor] !== name) movedPipes.push([nameOf(old, predecessor), name]);
  }
  const gone: WantedArrangement['gone'][number][] = [];
  const gonePipes: string[] = [];
  for (const [name, service] of servicesByName(old)) {
    const successor = entryOf(identity.successor, service);
    const goesOn = successor !== NOBODY && predecessorOf(successor) === service;
    if (!goesOn) gone.push({ name, supervised: old.kinds[service] === LONGRUN });
    if (isConsumer(old, service) && !(goesOn && isConsumer(next, successor))) gonePipes.push(name);
  }
  return { services, gone, pipes, gonePipes, movedPipes };

  /** The old service whose directory the new one takes over. */
  function predecessorOf(service: ServiceId): ServiceId | typeof NOBODY {
    const predecessor = entryOf(identity.predecessor, service);
    return predecessor !== NOBODY && old.kinds[predecessor] === next.kinds[service] ? predecessor : NOBODY;
  }
}

/** Everything that a rendered directory depends on: two services for which this is the same look the same on disk. */
function inputsOf(database: Database, service: ServiceId): string {
  const [consumer] = targetsOf(database.producerFor, service);
  return [
    database.names[service],
    hashOf(database, service),
    hasFlag(database, service, 'console'),
    hasFlag(database, service, 'private'),
    isConsumer(database, service),
    consumer === undefined ? '' : `${database.names[consumer]}/${hashOf(database, consumer)}`,
  ].join('/');
}

function hashOf(database: Database, service: ServiceId): string {
  return Buffer.from(contentHashOf(database, service)).toString('latin1');
}
