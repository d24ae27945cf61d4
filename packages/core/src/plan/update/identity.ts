/**
 * Which service of a new database is which of the old one.
 *
 * In this order: the conversion file says so; the name is the same; the new definition's `renamed-from` names the old
 * one, or the other way round. What an old service becomes may be a bundle: then all of its members stand for it. A
 * bundle may become a service: then it stands for those of its members that are not there any more. A new service is
 * the *heir* of an old one if a running process of the old one may simply go on as the heir's: the atomic service that the old one
 * became, the only member of the bundle that it became (or that became it), or the one that says that it had its name.
 */
import { targetsOf } from '../../graph/edges.ts';
import { type Database, hasFlag, type ServiceId } from '../../model/database.ts';
import type { Conversion } from './conversion.ts';
import type { UpdateProblem } from './problem.ts';

export const NOBODY = -1;

export interface Identity {
  /** By old id: the new services that must be up if the old one was. */
  readonly successors: readonly (readonly ServiceId[])[];
  /** By old id: 1 if the new database has nothing of its name or with a claim to it. */
  readonly gone: Uint8Array;
  /** By old id: the new id that it goes on as, or `NOBODY`. */
  readonly heir: Int32Array;
  /** The reverse of `heir`, by new id. */
  readonly ancestor: Int32Array;
}

/** Decides for every service of `old` what it is in `next`. */
export function identify(
  old: Database,
  next: Database,
  conversion: Conversion,
): { readonly identity: Identity; readonly problems: readonly UpdateProblem[] } {
  const count = old.names.length;
  const successors: (readonly ServiceId[])[] = Array.from({ length: count }, () => []);
  const gone = new Uint8Array(count).fill(1);
  const heir = new Int32Array(count).fill(NOBODY);
  const ancestor = new Int32Array(next.names.length).fill(NOBODY);
  const problems: UpdateProblem[] = [];
  const services = new Map(next.names.map((name, id) => [name, id]));
  const bundles = new Map(next.bundleNames.map((name, index) => [name, index]));
  const onlyMembers: [ServiceId, ServiceId][] = [];
  const unnamed: ServiceId[] = [];

  for (const [id, { name, line }] of conversion.renames) {
    const found = services.get(name);
    if (found !== undefined) inherit(id, found, line);
    else if (!becomeBundle(id, name)) problems.push({ kind: 'undefined-new-service', name, line });
  }
  for (let id = 0; id < count; id++) {
    if (conversion.renames.has(id)) continue;
    const found = services.get(old.names[id]!);
    if (found !== undefined && !isTakenBack(found)) {
      inherit(id, found, 0);
    } else {
      becomeBundle(id, old.names[id]!);
      unnamed.push(id);
    }
  }
  followAnnotations();
  followAnnotationsBack();
  for (const [id, member] of onlyMembers) {
    if (heir[id] === NOBODY && ancestor[member] === NOBODY) inherit(id, member, 0);
  }
  old.bundleNames.forEach(becomeService);
  return { identity: { successors, gone, heir, ancestor }, problems };

  /** Its name was given to another service meanwhile, and goes back to the one that had it. */
  function isTakenBack(found: ServiceId): boolean {
    return ancestor[found] !== NOBODY && conversion.renames.get(ancestor[found]!)?.line === 0;
  }

  function inherit(id: ServiceId, found: ServiceId, line: number): void {
    const claimed = ancestor[found]!;
    if (claimed !== NOBODY) {
      const said = line > 0 ? line : (conversion.renames.get(claimed)?.line ?? 0);
      problems.push({
        kind: 'two-become-one',
        line: said,
        olds: [old.names[claimed]!, old.names[id]!],
        name: next.names[found]!,
      });
      return;
    }
    if (!successors[id]!.includes(found)) successors[id] = [...successors[id]!, found];
    gone[id] = 0;
    heir[id] = found;
    ancestor[found] = id;
  }

  function becomeBundle(id: ServiceId, name: string): boolean {
    const bundle = bundles.get(name);
    if (bundle === undefined) return false;
    const members = targetsOf(next.bundleMembers, bundle);
    successors[id] = [...members].filter((member) => !hasFlag(next, member, 'manual'));
    gone[id] = 0;
    if (members.length === 1) onlyMembers.push([id, members[0]!]);
    return true;
  }

  function becomeService(name: string, bundle: number): void {
    const found = services.get(name);
    if (found === undefined || ancestor[found] !== NOBODY || hasFlag(next, found, 'manual')) return;
    const members = [...targetsOf(old.bundleMembers, bundle)];
    const lost = members.filter((member) => gone[member] === 1);
    if (members.length === 1 && lost.length === 1) inherit(lost[0]!, found, 0);
    else for (const member of lost) successors[member] = [...successors[member]!, found];
  }

  /** Going back to an earlier database: what it does not know yet has the name there that it had before. */
  function followAnnotationsBack(): void {
    for (const id of unnamed) {
      if (heir[id] !== NOBODY) continue;
      const found = old.renamedFrom[id]!.map((name) => services.get(name)).find((service) => service !== undefined);
      if (found !== undefined && ancestor[found] === NOBODY) inherit(id, found, 0);
    }
  }

  function followAnnotations(): void {
    const wanted = new Map(unnamed.map((id) => [old.names[id]!, id]));
    if (wanted.size === 0) return;
    for (let found = 0; found < next.names.length; found++) {
      for (const name of next.renamedFrom[found]!) {
        const id = wanted.get(name);
        if (id === undefined) continue;
        const other = heir[id]!;
        if (other !== NOBODY) {
          problems.push({ kind: 'one-becomes-two', name, news: [next.names[other]!, next.names[found]!] });
        } else if (ancestor[found] === NOBODY) {
          inherit(id, found, 0);
        }
      }
    }
  }
}
