/** Databases for tests, written as plain objects. */

import { PLAIN_LONGRUN } from '../../src/compile/longrun.ts';
import { edgesFrom, noEdges, reversed } from '../../src/graph/edges.ts';
import {
  type Database,
  FLAG,
  LONGRUN,
  ON_DEPENDENCY_RESTART,
  ONESHOT,
  type OnDependencyRestart,
  type ServiceId,
  servicesByName,
} from '../../src/model/database.ts';
import type { Definition } from '../../src/model/definition.ts';
import { NO_TEMPLATES } from '../../src/model/template.ts';

export interface Node {
  readonly name: string;
  readonly kind?: 'longrun' | 'oneshot';
  readonly needs?: readonly string[];
  readonly wants?: readonly string[];
  readonly after?: readonly string[];
  readonly conflicts?: readonly string[];
  readonly flags?: readonly (keyof typeof FLAG)[];
  readonly timeoutUp?: number;
  readonly timeoutDown?: number;
  /** By the name of a need. */
  readonly onRestart?: Readonly<Record<string, OnDependencyRestart>>;
}

const ONESHOT_DEFINITION: Definition = {
  type: 'oneshot',
  up: { form: 'argv', argv: [] },
  down: { form: 'argv', argv: [] },
  reload: { form: 'argv', argv: [] },
  instance: null,
};

/** Services get their ids in the order given. */
export function databaseOf(
  nodes: readonly Node[],
  bundles: Readonly<Record<string, readonly string[]>> = {},
): Database {
  const count = nodes.length;
  const names = nodes.map(({ name }) => name);
  const ids = servicesByName({ names });
  const idOf = (name: string): ServiceId => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`no node ${name}`);
    return id;
  };
  const edges = (pick: (node: Node) => readonly string[] | undefined) =>
    edgesFrom<ServiceId, ServiceId>(nodes.map((node) => (pick(node) ?? []).map(idOf)));
  const needs = edges((node) => node.needs);
  const wants = edges((node) => node.wants);
  const after = edges((node) => node.after);
  const rivals = nodes.map((node) => new Set((node.conflicts ?? []).map(idOf)));
  for (const id of ids.values()) for (const other of rivals[id]!) rivals[other]!.add(id);
  const needsOnRestart = new Uint8Array(needs.targets.length);
  for (const [id, { onRestart = {} }] of nodes.entries()) {
    for (const [name, policy] of Object.entries(onRestart)) {
      const row = needs.targets.subarray(needs.offsets[id], needs.offsets[id + 1]);
      needsOnRestart[needs.offsets[id]! + row.indexOf(idOf(name))] = ON_DEPENDENCY_RESTART.indexOf(policy);
    }
  }
  const none = noEdges<ServiceId, ServiceId>(count);
  return {
    names,
    kinds: Uint8Array.from(nodes, ({ kind }) => (kind === 'oneshot' ? ONESHOT : LONGRUN)),
    flags: Uint8Array.from(nodes, ({ flags = [] }) => flags.reduce((bits, flag) => bits | FLAG[flag], 0)),
    timeoutUp: Uint32Array.from(nodes, ({ timeoutUp = 0 }) => timeoutUp),
    timeoutDown: Uint32Array.from(nodes, ({ timeoutDown = 0 }) => timeoutDown),
    onUpdate: new Uint8Array(count),
    needs,
    needsOnRestart,
    neededBy: reversed(needs, count),
    wants,
    wantedBy: reversed(wants, count),
    after,
    before: reversed(after, count),
    conflicts: edgesFrom(rivals),
    producerFor: none,
    consumerFor: none,
    bundleNames: Object.keys(bundles),
    bundleMembers: edgesFrom(Object.values(bundles).map((members) => members.map(idOf))),
    descriptions: nodes.map(() => ''),
    templates: NO_TEMPLATES,
    bundleDescriptions: Object.keys(bundles).map(() => ''),
    renamedFrom: nodes.map(() => []),
    contentHashes: new Uint8Array(count * 32),
    definition: (id) => (nodes[id]!.kind === 'oneshot' ? ONESHOT_DEFINITION : PLAIN_LONGRUN),
  };
}
