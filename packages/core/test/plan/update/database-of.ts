/** Small databases for tests of plans, from a few words: no compiler, and so nothing that it would refuse. */

import { createHash } from 'node:crypto';
import { PLAIN_LONGRUN } from '../../../src/compile/longrun.ts';
import { type Edges, edgesFrom, reversed, targetsOf } from '../../../src/graph/edges.ts';
import {
  type Database,
  everyService,
  FLAG,
  LONGRUN,
  ON_UPDATE,
  ONESHOT,
  type OnUpdate,
  type ServiceId,
  servicesByName,
} from '../../../src/model/database.ts';
import type { Definition } from '../../../src/model/definition.ts';
import { NO_TEMPLATES } from '../../../src/model/template.ts';

export interface Sketch {
  readonly type?: 'longrun' | 'oneshot';
  readonly needs?: readonly string[];
  readonly wants?: readonly string[];
  readonly after?: readonly string[];
  readonly conflicts?: readonly string[];
  readonly producerFor?: string;
  readonly content?: string;
  readonly onUpdate?: OnUpdate;
  readonly essential?: boolean;
  readonly manual?: boolean;
  readonly renamedFrom?: readonly string[];
  readonly reload?: boolean;
}

export function databaseOf(
  services: Readonly<Record<string, Sketch>>,
  bundles: Readonly<Record<string, readonly string[]>> = {},
): Database {
  const names = Object.keys(services).sort();
  const sketches = names.map((name) => services[name]!);
  const ids = servicesByName({ names });
  const idOf = (name: string): ServiceId => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`nobody is called ${name}`);
    return id;
  };
  const count = names.length;
  const edges = (pick: (sketch: Sketch) => readonly string[]): Edges<ServiceId> =>
    edgesFrom(sketches.map((sketch) => pick(sketch).map(idOf)));
  const consumers = (sketch: Sketch): readonly string[] => (sketch.producerFor ? [sketch.producerFor] : []);
  const needs = edges((sketch) => [...(sketch.needs ?? []), ...consumers(sketch)]);
  const wants = edges((sketch) => sketch.wants ?? []);
  const after = edges((sketch) => sketch.after ?? []);
  const oneWay = edges((sketch) => sketch.conflicts ?? []);
  const producerFor = edges(consumers);
  const bundleNames = Object.keys(bundles).sort();
  return {
    names,
    kinds: Uint8Array.from(sketches, (sketch) => (sketch.type === 'oneshot' ? ONESHOT : LONGRUN)),
    flags: Uint8Array.from(
      sketches,
      (sketch) => (sketch.essential ? FLAG.essential : 0) | (sketch.manual ? FLAG.manual : 0),
    ),
    timeoutUp: new Uint32Array(count),
    timeoutDown: new Uint32Array(count),
    onUpdate: Uint8Array.from(sketches, (sketch) =>
      ON_UPDATE.indexOf(sketch.onUpdate ?? (sketch.type === 'oneshot' ? 'keep' : 'restart')),
    ),
    needs,
    needsOnRestart: new Uint8Array(needs.targets.length),
    neededBy: reversed(needs, count),
    wants,
    wantedBy: reversed(wants, count),
    after,
    before: reversed(after, count),
    conflicts: edgesFrom<ServiceId, ServiceId>(
      everyService({ names }).map((id) => [
        ...targetsOf(oneWay, id),
        ...everyService({ names }).flatMap((other) =>
          sketches[other]!.conflicts?.includes(names[id]!) ? [other] : [],
        ),
      ]),
    ),
    producerFor,
    consumerFor: reversed(producerFor, count),
    bundleNames,
    bundleMembers: edgesFrom(bundleNames.map((name) => bundles[name]!.map(idOf))),
    descriptions: names.map(() => ''),
    templates: NO_TEMPLATES,
    bundleDescriptions: bundleNames.map(() => ''),
    renamedFrom: sketches.map((sketch) => sketch.renamedFrom ?? []),
    contentHashes: Uint8Array.from(sketches.flatMap((sketch) => [...contentHash(sketch.content ?? '')])),
    definition: (id) => definitionOf(sketches[id]!),
  };
}

export function contentHash(content: string): Uint8Array {
  return createHash('sha256').update(content).digest();
}

function definitionOf(sketch: Sketch): Definition {
  const content = new TextEncoder().encode(sketch.content ?? '');
  if (sketch.type === 'oneshot') {
    const command = { form: 'script', content } as const;
    return { type: 'oneshot', up: command, down: command, reload: sketch.reload ? command : null, instance: null };
  }
  return { ...PLAIN_LONGRUN, files: [{ kind: 'file', path: 'run', mode: 0o755, content }] };
}
