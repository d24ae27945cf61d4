/** Everything between services: from lists of names to edges between ids. */
import type { Report } from '../diagnostics/report.ts';
import { type Column, columnOf } from '../graph/column.ts';
import { EdgeList } from '../graph/edge-list.ts';
import { type Edges, nodesOf, targetsOf } from '../graph/edges.ts';
import { type BundleIndex, entryOf, type ServiceId, serviceId } from '../model/database.ts';
import { type ParsedService, placeOf, type Reference, type References } from './parsed.ts';
import { resolvePipelines } from './pipelines.ts';
import type { Resolution } from './resolution.ts';

export interface Relations {
  readonly needs: Edges<ServiceId>;
  readonly needsOnRestart: Uint8Array;
  readonly wants: Edges<ServiceId>;
  readonly after: Edges<ServiceId>;
  readonly conflicts: Edges<ServiceId>;
  readonly producerFor: Edges<ServiceId>;
}

/** Each entry that names a bundle is an edge for each member: a few files can make more of them than any memory holds. */
const MOST_THROUGH_BUNDLES = 20_000_000;
const NOBODY: Column<ServiceId> = columnOf(new Uint32Array(0));

export function resolveRelations(
  services: readonly ParsedService[],
  bundleMembers: Edges<BundleIndex, ServiceId>,
  resolution: Resolution,
  report: Report,
): Relations {
  const count = services.length;
  const needs = new EdgeList<ServiceId>();
  const wants = new EdgeList<ServiceId>();
  const after = new EdgeList<ServiceId>();
  const conflicts = new EdgeList<ServiceId>();
  const pipes = new EdgeList<ServiceId>();

  let left = MOST_THROUGH_BUNDLES;
  /** What a reference to a bundle stands for; nothing once that is more than there is room for, which is reported once. */
  const membersOf = (service: ParsedService, list: string, reference: Reference, bundle: BundleIndex) => {
    const members = targetsOf(bundleMembers, bundle);
    const isFirst = left >= 0;
    left -= members.length;
    if (left >= 0) return members;
    if (isFirst)
      report.add('too-large', `through bundles, services refer to more than ${MOST_THROUGH_BUNDLES} others`, {
        at: placeOf(service, list, reference),
        hint: 'refer to fewer or smaller bundles',
      });
    return NOBODY;
  };

  /** Calls `add` for each service that the list names; one that is only among a bundle's members not for itself. */
  const eachSoft = (id: ServiceId, references: References, add: (other: ServiceId) => void) => {
    for (const reference of references.entries) {
      const service = entryOf(services, id);
      const target = resolution.resolve(service, references.list, reference);
      if (target?.kind === 'service') add(target.id);
      if (target?.kind === 'bundle')
        for (const member of membersOf(service, references.list, reference, target.index))
          if (member !== id) add(member);
    }
  };

  services.forEach((service, index) => {
    const id = serviceId(index);
    for (const reference of service.dependencies.entries) {
      const { list } = service.dependencies;
      const target = resolution.resolve(service, list, reference);
      if (target?.kind === 'service') needs.add(id, target.id, reference.onRestart);
      if (target?.kind === 'bundle')
        for (const member of membersOf(service, list, reference, target.index))
          needs.add(id, member, reference.onRestart);
    }
    if (isAlone(service)) return;
    eachSoft(id, service.wants, (other) => wants.add(id, other));
    eachSoft(id, service.after, (other) => after.add(id, other));
    eachSoft(id, service.before, (other) => after.add(other, id));
    eachSoft(id, service.conflicts, (other) => {
      conflicts.add(id, other);
      conflicts.add(other, id);
    });
  });
  resolvePipelines(services, resolution, pipes, report);
  const producerFor = pipes.build(count).edges;
  for (const id of nodesOf(producerFor)) for (const consumer of targetsOf(producerFor, id)) needs.add(id, consumer);

  const built = needs.build(count);
  return {
    needs: built.edges,
    needsOnRestart: built.weights,
    wants: wants.build(count).edges,
    after: after.build(count).edges,
    conflicts: conflicts.build(count).edges,
    producerFor,
  };
}

/** Without any relation but needs, as most services are. */
function isAlone({ wants, after, before, conflicts }: ParsedService): boolean {
  return [wants, after, before, conflicts].every(({ entries }) => entries.length === 0);
}
