/** Circles among services, each as its shortest whole path, with the file behind every edge. */

import type { Note, Place } from '../diagnostics/diagnostic.ts';
import type { Report } from '../diagnostics/report.ts';
import { findCycles, stepsAround } from '../graph/cycles.ts';
import { union } from '../graph/edge-list.ts';
import { type Edges, targetsOf } from '../graph/edges.ts';
import { invariant } from '../invariant.ts';
import { type BundleIndex, entryOf, type ServiceId } from '../model/database.ts';
import { showName } from './names.ts';
import { type ParsedService, placeOf, type References } from './parsed.ts';
import type { Relations } from './relations.ts';
import type { Resolution } from './resolution.ts';

export interface ResolvedServices {
  readonly services: readonly ParsedService[];
  readonly bundleMembers: Edges<BundleIndex, ServiceId>;
  readonly bundleNames: readonly string[];
  readonly resolution: Resolution;
}

export function checkCycles(relations: Relations, resolved: ResolvedServices, report: Report): void {
  const cycles = findCycles(relations.needs);
  for (const cycle of cycles) {
    const notes = notesOf(cycle, resolved);
    report.add(
      'cycle',
      cycle.length === 1 ? 'this service depends on itself' : 'these services depend on each other in a circle',
      { at: notes[0]?.at, notes, hint: isOfPipes(cycle, relations) ? RING : CIRCLE },
    );
  }
  if (cycles.length > 0 || (relations.wants.targets.length === 0 && relations.after.targets.length === 0)) return;
  // Whatever makes one service wait for another when both are started.
  const order = union(resolved.services.length, [relations.needs, relations.wants, relations.after]);
  for (const cycle of findCycles(order)) {
    const notes = notesOf(cycle, resolved);
    report.add('order-cycle', 'the order of these services runs in a circle', {
      at: notes[0]?.at,
      notes,
      hint: 'remove one of these entries: wants.d, after.d and before.d are waited for as dependencies are',
    });
  }
}

const CIRCLE = 'if the order matters and the need does not, use after.d';
const RING = 'a pipeline has an end: remove one of these names';

/** Whether every step is that from a producer to its consumer. */
function isOfPipes(cycle: readonly ServiceId[], { producerFor }: Relations): boolean {
  return stepsAround(cycle).every(([from, to]) => targetsOf(producerFor, from).includes(to));
}

/** Begins with the first name, so that the same circle is always shown in the same way. */
function notesOf(cycle: readonly ServiceId[], resolved: ResolvedServices): (Note & { readonly at: Place })[] {
  const first = cycle.indexOf(cycle.reduce((least, id) => (id < least ? id : least)));
  const turned = [...cycle.slice(first), ...cycle.slice(0, first)];
  return stepsAround(turned).map(([from, to]) => edgeNote(from, to, resolved));
}

/** How one service comes to wait for another, and where that is written. */
export function edgeNote(from: ServiceId, to: ServiceId, resolved: ResolvedServices): Note & { readonly at: Place } {
  const source = entryOf(resolved.services, from);
  const target = entryOf(resolved.services, to);
  const [a, b] = [showName(source.name), showName(target.name)];
  const forward = [
    ['needs', source.dependencies],
    ['produces for', source.producerFor],
    ['wants', source.wants],
    ['comes after', source.after],
  ] as const;
  for (const [verb, list] of forward) {
    const found = find(source, list, to, resolved);
    if (found !== null) return { message: `${a} ${verb} ${b}${found.through}`, at: found.at };
  }
  const found = find(target, target.before, from, resolved);
  invariant(found !== null, 'one service waits for another because one of their lists says so');
  return { message: `${b} comes before ${a}${found.through}`, at: found.at };
}

/** The entry of `list` that stands for the service `to`, itself or as a bundle. */
function find(
  owner: ParsedService,
  list: References,
  to: ServiceId,
  resolved: ResolvedServices,
): { at: Place; through: string } | null {
  for (const reference of list.entries) {
    const target = resolved.resolution.find(reference.name);
    const at = placeOf(owner, list.list, reference);
    if (target?.kind === 'service' && target.id === to) return { at, through: '' };
    if (target?.kind === 'bundle' && targetsOf(resolved.bundleMembers, target.index).includes(to))
      return { at, through: ` (in the bundle ${showName(entryOf(resolved.bundleNames, target.index))})` };
  }
  return null;
}
