/** Databases made of a few definitions, for tests. */

import { PLAIN_LONGRUN } from '@muster/core/compile/longrun';
import { edgesFrom, noEdges, reversed } from '@muster/core/graph/edges';
import { type Database, LONGRUN, ONESHOT, type ServiceId, servicesByName } from '@muster/core/model/database';
import type { Definition, FileEntry, Longrun, Oneshot } from '@muster/core/model/definition';
import { NO_TEMPLATES } from '@muster/core/model/template';

const UTF8 = new TextEncoder();

export function file(path: string, text: string, mode = 0o644): FileEntry {
  return { kind: 'file', path, mode, content: UTF8.encode(text) };
}

export function longrun(run: string, more: Partial<Longrun> & { also?: readonly FileEntry[] } = {}): Longrun {
  const { also = [], ...fields } = more;
  return { ...PLAIN_LONGRUN, files: [file('run', run), ...also], ...fields };
}

export function oneshot(up: string): Oneshot {
  return {
    type: 'oneshot',
    up: { form: 'script', content: UTF8.encode(up) },
    down: { form: 'argv', argv: [UTF8.encode('echo'), UTF8.encode('two words')] },
    reload: null,
    instance: null,
  };
}

/** A database without dependencies; `pipes` are pairs of producer and consumer. */
export function databaseOf(
  definitions: Readonly<Record<string, Definition>>,
  pipes: readonly (readonly [producer: string, consumer: string])[] = [],
): Database {
  const names = Object.keys(definitions).sort();
  const count = names.length;
  const ids = servicesByName({ names });
  const producerFor = edgesFrom<ServiceId, ServiceId>(
    names.map((name) => pipes.filter(([producer]) => producer === name).map(([, consumer]) => ids.get(consumer)!)),
  );
  const none = noEdges<ServiceId, ServiceId>(count);
  return {
    names,
    kinds: Uint8Array.from(names, (name) => (definitions[name]!.type === 'longrun' ? LONGRUN : ONESHOT)),
    flags: new Uint8Array(count),
    timeoutUp: new Uint32Array(count),
    timeoutDown: new Uint32Array(count),
    onUpdate: new Uint8Array(count),
    needs: none,
    needsOnRestart: new Uint8Array(0),
    neededBy: none,
    wants: none,
    wantedBy: none,
    after: none,
    before: none,
    conflicts: none,
    producerFor,
    consumerFor: reversed(producerFor, count),
    bundleNames: [],
    bundleMembers: noEdges(0),
    descriptions: names.map(() => ''),
    templates: NO_TEMPLATES,
    bundleDescriptions: [],
    renamedFrom: names.map(() => []),
    contentHashes: new Uint8Array(32 * count),
    definition: (id) => definitions[names[id]!]!,
  };
}
