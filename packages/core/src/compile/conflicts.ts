/** Conflicts that could never be kept: among what one service needs, or within one bundle. */

import type { Note } from '../diagnostics/diagnostic.ts';
import type { Report } from '../diagnostics/report.ts';
import { type Column, columnOf } from '../graph/column.ts';
import { components } from '../graph/components.ts';
import { type Edges, nodesOf, targetsOf } from '../graph/edges.ts';
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
  eachUnstartable(needs, pairsOf(conflicts), (id, [first, second]) => {
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
  eachUnstartable(needs, pairsOf(conflicts), () => {
    isFound = true;
  });
  for (const bundle of nodesOf(bundleMembers)) {
    if (isFound) break;
    const members = new Set<ServiceId>(targetsOf(bundleMembers, bundle));
    isFound = [...members].some((id) => targetsOf(conflicts, id).some((other) => members.has(other)));
  }
  return isFound;
}

type Pair = readonly [first: ServiceId, second: ServiceId];

/** Each once, the lower id first. */
function pairsOf(conflicts: Edges<ServiceId>): Pair[] {
  const pairs: Pair[] = [];
  for (const id of nodesOf(conflicts))
    for (const other of targetsOf(conflicts, id)) if (other >= id) pairs.push([id, other]);
  return pairs;
}

/** Two bits a pair fit into the integers that bitwise operators work on. */
const PAIRS_AT_ONCE = 16;
const FIRST_BITS = 0x55555555;

/**
 * Finds every service that needs both services of a pair, itself counted, and of whose needs none does already. Walks
 * through the graph once for every 16 pairs, dependencies first, so that it takes no more time for many conflicts in one
 * place than for few. Services and components are indices of the arrays that are looked into, which is what each `!` says.
 */
function eachUnstartable(
  needs: Edges<ServiceId>,
  pairs: readonly Pair[],
  found: (id: ServiceId, pair: Pair) => void,
): void {
  const { of, count } = components(needs);
  const order = columnOf<ServiceId>(Uint32Array.from(of.keys()).sort((a, b) => of[a]! - of[b]!));
  for (let start = 0; start < pairs.length; start += PAIRS_AT_ONCE) {
    const block = pairs.slice(start, start + PAIRS_AT_ONCE);
    /** By component: which of the services of these pairs are needed. */
    const needed = new Uint32Array(count);
    let lowest = count;
    block.forEach(([first, second], i) => {
      const [a, b] = [of[first]!, of[second]!];
      needed[a]! |= 1 << (2 * i);
      needed[b]! |= 2 << (2 * i);
      lowest = Math.min(lowest, a, b);
    });
    const foundHere = (id: ServiceId, bits: number) => {
      for (const [i, pair] of block.entries()) if (((bits >>> (2 * i)) & 1) === 1) found(id, pair);
    };
    spread(needs, { of, order, lowest }, needed, foundHere);
  }
}

/** Nothing below the component `lowest` needs any of them. */
function spread(
  needs: Edges<ServiceId>,
  { of, order, lowest }: { readonly of: Uint32Array; readonly order: Column<ServiceId>; readonly lowest: number },
  needed: Uint32Array,
  found: (id: ServiceId, bits: number) => void,
): void {
  for (const id of order) {
    const component = of[id]!;
    if (component < lowest) continue;
    let mine = needed[component]!;
    let both = 0;
    for (const need of targetsOf(needs, id)) {
      const theirs = needed[of[need]!]!;
      mine |= theirs;
      both |= theirs & (theirs >>> 1);
    }
    needed[component] = mine;
    const fresh = mine & (mine >>> 1) & ~both & FIRST_BITS;
    if (fresh !== 0) found(id, fresh);
  }
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
