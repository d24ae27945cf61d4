/** Conflicts that could never be kept: among what one service needs, or within one bundle. */

import type { Note } from '../diagnostics/diagnostic.ts';
import type { Report } from '../diagnostics/report.ts';
import { type Edges, nodesOf, targetsOf } from '../graph/edges.ts';
import { eachMeeting, type Pair } from '../graph/meetings.ts';
import { type BundleIndex, bundleIndex, entryOf, type ServiceId } from '../model/database.ts';
import { showName } from './names.ts';
import { type ParsedBundle, type ParsedService, placeOf } from './parsed.ts';

export function checkConflicts(
  services: readonly ParsedService[],
  bundles: readonly ParsedBundle[],
  {
    needs,
    conflicts,
    bundleMembers,
  }: { needs: Edges<ServiceId>; conflicts: Edges<ServiceId>; bundleMembers: Edges<BundleIndex, ServiceId> },
  report: Report,
): void {
  if (conflicts.targets.length === 0) return;
  eachMeeting(needs, pairsOf(conflicts), (id, [first, second]) => {
    const [a, b] = [entryOf(services, first), entryOf(services, second)];
    const at = declared(a, b);
    const hint = 'remove the conflict or the dependency';
    const [own, other] = id === second ? [b, a] : [a, b];
    if (id !== first && id !== second) {
      const service = entryOf(services, id);
      const message = `${showName(service.name)} needs ${showName(a.name)} and ${showName(b.name)}, which conflict`;
      const notes: Note[] = [{ message: 'the conflict is declared here', at }];
      report.add('conflict-with-need', message, { at: { file: service.path }, notes, hint });
    } else if (own === other) {
      report.add('conflict-with-need', `${showName(own.name)} conflicts with itself`, { at, hint });
    } else {
      const message = `${showName(own.name)} needs ${showName(other.name)}, and conflicts with it`;
      report.add('conflict-with-need', message, { at, hint });
    }
  });
  const heldBy = new Uint32Array(services.length);
  bundles.forEach((bundle, i) => {
    const members = targetsOf(bundleMembers, bundleIndex(i));
    for (const id of members) heldBy[id] = i + 1;
    for (const id of members) {
      for (const other of targetsOf(conflicts, id)) {
        if (other <= id || heldBy[other] !== i + 1) continue;
        const [a, b] = [entryOf(services, id), entryOf(services, other)];
        const notes: Note[] = [{ message: 'the conflict is declared here', at: declared(a, b) }];
        report.add(
          'conflict-in-bundle',
          `the bundle ${showName(bundle.name)} holds ${showName(a.name)} and ${showName(b.name)}, which conflict`,
          { at: bundle.place(bundle.contents.list), notes, hint: 'take one of the two out of the bundle' },
        );
      }
    }
  });
}

/** Whether all of this could be told of nothing: some service can never be up, or some bundle never whole. */
export function areUnkeepable(
  needs: Edges<ServiceId>,
  conflicts: Edges<ServiceId>,
  bundleMembers: Edges<BundleIndex, ServiceId>,
): boolean {
  if (conflicts.targets.length === 0) return false;
  let isFound = false;
  eachMeeting(needs, pairsOf(conflicts), () => {
    isFound = true;
  });
  for (const bundle of nodesOf(bundleMembers)) {
    if (isFound) break;
    const members = new Set<ServiceId>(targetsOf(bundleMembers, bundle));
    isFound = [...members].some((id) => targetsOf(conflicts, id).some((other) => members.has(other)));
  }
  return isFound;
}

/** Each once, the lower id first. */
function pairsOf(conflicts: Edges<ServiceId>): Pair<ServiceId>[] {
  const pairs: Pair<ServiceId>[] = [];
  for (const id of nodesOf(conflicts))
    for (const other of targetsOf(conflicts, id)) if (other >= id) pairs.push([id, other]);
  return pairs;
}

/** In whichever of the two `conflicts.d` it is. */
function declared(a: ParsedService, b: ParsedService) {
  for (const [service, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const reference = service.conflicts.entries.find((entry) => entry.name === other.name);
    if (reference !== undefined) return placeOf(service, service.conflicts.list, reference);
  }
  return a.conflicts.entries.length > 0 ? a.place('conflicts.d') : b.place('conflicts.d');
}
