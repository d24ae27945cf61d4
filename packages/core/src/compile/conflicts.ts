/** Conflicts that could never be kept: with something that is needed, or within one bundle. */
import type { Note } from '../diagnostics/diagnostic.ts';
import type { Report } from '../diagnostics/report.ts';
import { reachable } from '../graph/closure.ts';
import { type Edges, targetsOf } from '../graph/edges.ts';
import { showName } from './names.ts';
import { type ParsedBundle, type ParsedService, placeOf } from './parsed.ts';

export function checkConflicts(
  services: readonly ParsedService[],
  bundles: readonly ParsedBundle[],
  { needs, conflicts, bundleMembers }: { needs: Edges; conflicts: Edges; bundleMembers: Edges },
  report: Report,
): void {
  if (conflicts.targets.length === 0) return;
  for (let id = 0; id < services.length; id++) {
    const others = targetsOf(conflicts, id);
    if (others.length === 0) continue;
    const needed = reachable(needs, [id]);
    for (const other of others) {
      if (needed[other] === 0) continue;
      const [a, b] = [services[id]!, services[other]!];
      const message =
        id === other
          ? `${showName(a.name)} conflicts with itself`
          : `${showName(a.name)} needs ${showName(b.name)}, and conflicts with it`;
      report.add('conflict-with-need', message, { at: declared(a, b), hint: 'remove the conflict or the dependency' });
    }
  }
  bundles.forEach((bundle, i) => {
    const held = new Uint8Array(services.length);
    const members = targetsOf(bundleMembers, i);
    for (const id of members) held[id] = 1;
    for (const id of members) {
      for (const other of targetsOf(conflicts, id)) {
        if (other <= id || held[other] === 0) continue;
        const [a, b] = [services[id]!, services[other]!];
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
