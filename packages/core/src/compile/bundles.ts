/** Bundles: from names to the atomic services that they stand for. */

import type { Report } from '../diagnostics/report.ts';
import { type Column, columnOf } from '../graph/column.ts';
import { components } from '../graph/components.ts';
import { findCycles, stepsAround } from '../graph/cycles.ts';
import { EdgeList } from '../graph/edge-list.ts';
import { type Edges, noEdges, targetsOf } from '../graph/edges.ts';
import { present } from '../invariant.ts';
import { type BundleIndex, bundleIndex, entryOf, type ServiceId } from '../model/database.ts';
import { showName } from './names.ts';
import { type ParsedBundle, placeOf, referenceTo } from './parsed.ts';
import type { Resolution } from './resolution.ts';

/** The services of each bundle, through the bundles that it holds. Cycles are reported; their bundles stay empty. */
export function resolveBundles(
  bundles: readonly ParsedBundle[],
  resolution: Resolution,
  report: Report,
): Edges<BundleIndex, ServiceId> {
  const nesting = new EdgeList<BundleIndex>();
  const direct = new EdgeList<BundleIndex, ServiceId>();
  bundles.forEach((bundle, at) => {
    const index = bundleIndex(at);
    for (const reference of bundle.contents.entries) {
      const target = resolution.resolve(bundle, bundle.contents.list, reference);
      if (target?.kind === 'bundle') nesting.add(index, target.index);
      if (target?.kind === 'service') direct.add(index, target.id);
    }
  });
  const nested = nesting.build(bundles.length).edges;
  const members = direct.build(Math.max(bundles.length, resolution.services)).edges;
  const cycles = findCycles(nested);
  for (const cycle of cycles) reportCycle(cycle, bundles, report);
  if (cycles.length > 0) return noEdges(bundles.length);

  return gather(bundles, nested, members, resolution.services, report);
}

/** Bundles within bundles within bundles can name more than any machine has room for. */
const MOST_MEMBERS = 20_000_000;

/** Innermost first, so that what a bundle holds is known when another one holds it. */
function gather(
  bundles: readonly ParsedBundle[],
  nested: Edges<BundleIndex>,
  members: Edges<BundleIndex, ServiceId>,
  services: number,
  report: Report,
): Edges<BundleIndex, ServiceId> {
  const rows: Column<ServiceId>[] = [];
  const seenFor = new Uint32Array(services);
  let total = 0;
  let round = 0;
  for (const i of innermostFirst(nested)) {
    round++;
    const row: ServiceId[] = [];
    const take = (ids: Column<ServiceId>) => {
      for (const id of ids) {
        if (seenFor[id] === round) continue;
        seenFor[id] = round;
        row.push(id);
      }
    };
    take(targetsOf(members, i));
    for (const inner of targetsOf(nested, i)) take(present(rows[inner], 'what a bundle holds comes before it'));
    rows[i] = columnOf(Uint32Array.from(row).sort());
    total += row.length;
    if (total <= MOST_MEMBERS) continue;
    const bundle = entryOf(bundles, i);
    report.add('too-large', `all bundles together hold more than ${MOST_MEMBERS} services`, {
      at: bundle.place(bundle.contents.list),
      hint: 'nest fewer bundles',
    });
    return noEdges(bundles.length);
  }
  const offsets = new Uint32Array(bundles.length + 1);
  const targets = new Uint32Array(total);
  let end = 0;
  rows.forEach((row, i) => {
    targets.set(row, end);
    end += row.length;
    offsets[i + 1] = end;
  });
  return { offsets, targets: columnOf(targets) };
}

/** Without cycles, every node is a component of its own, and those are numbered in this order. */
function innermostFirst(nested: Edges<BundleIndex>): BundleIndex[] {
  const { of, count } = components(nested);
  const order = new Array<BundleIndex>(count);
  of.forEach((component, node) => {
    order[component] = bundleIndex(node);
  });
  return order;
}

function reportCycle(cycle: readonly BundleIndex[], bundles: readonly ParsedBundle[], report: Report): void {
  const notes = stepsAround(cycle).map(([from, to]) => {
    const [bundle, inner] = [entryOf(bundles, from), entryOf(bundles, to)];
    const reference = referenceTo(inner.name, bundle.contents);
    return {
      message: `${showName(bundle.name)} holds ${showName(inner.name)}`,
      at: placeOf(bundle, bundle.contents.list, reference),
    };
  });
  report.add(
    'bundle-cycle',
    cycle.length === 1 ? 'this bundle holds itself' : 'these bundles hold each other in a circle',
    {
      at: notes[0]?.at,
      notes,
      hint: 'remove one of these entries',
    },
  );
}
