/**
 * What differs between two databases: one change for each service or bundle that one of them lacks or that both define
 * differently, with every field that differs. Pure; an update's consequences are another matter (plan/update).
 */
import { contentHashOf, isSameHash } from '../../model/content-hash.ts';
import {
  type BundleIndex,
  bundlesByName,
  type Database,
  entryOf,
  everyService,
  nameOf,
  type ServiceId,
  servicesByName,
} from '../../model/database.ts';
import type { FileEntry } from '../../model/definition.ts';
import { NO_CONVERSION } from '../update/conversion.ts';
import { identify, NOBODY } from '../update/identity.ts';
import { bundleFields, contentFields, type Fields, type FieldValue, graphFields } from './fields.ts';

export interface FieldChange {
  /** Named as the file of a definition: `dependencies`, `run`, `timeout-up`, `data/config`. */
  readonly name: string;
  /** Null if it is not there. */
  readonly from: FieldValue;
  readonly to: FieldValue;
}

export interface Change {
  readonly service: string;
  readonly kind: 'added' | 'removed' | 'renamed' | 'changed';
  /** Its name in the first database, where that is another one. */
  readonly was?: string;
  /** What differs, by name; empty for what is added or removed. */
  readonly fields: readonly FieldChange[];
}

type Entity = { readonly service: ServiceId } | { readonly bundle: BundleIndex };

/** The changes from `a` to `b`, in the order of the names. */
export function diff(a: Database, b: Database): Change[] {
  const before = entities(a);
  const after = entities(b);
  const renames = renamed(a, b, { before, after });
  const changes: Change[] = [];
  for (const [name, entity] of after) {
    const was = before.has(name) ? name : renames.get(name);
    const earlier = was === undefined ? undefined : before.get(was);
    if (was === undefined || earlier === undefined) {
      changes.push({ service: name, kind: 'added', fields: [] });
      continue;
    }
    const fields = compare(a, earlier, b, entity);
    if (was !== name) changes.push({ service: name, kind: 'renamed', was, fields });
    else if (fields.length > 0) changes.push({ service: name, kind: 'changed', fields });
  }
  const renamedNames = new Set(renames.values());
  for (const name of before.keys()) {
    if (!after.has(name) && !renamedNames.has(name)) changes.push({ service: name, kind: 'removed', fields: [] });
  }
  return changes.sort((x, y) => (x.service < y.service ? -1 : 1));
}

function entities(database: Database): Map<string, Entity> {
  return new Map<string, Entity>([
    ...Array.from(servicesByName(database), ([name, service]) => [name, { service }] as const),
    ...Array.from(bundlesByName(database), ([name, bundle]) => [name, { bundle }] as const),
  ]);
}

interface BothSides {
  readonly before: ReadonlyMap<string, Entity>;
  readonly after: ReadonlyMap<string, Entity>;
}

/** New name to old name, of whom an update would let go on under another one. What only changed its form keeps its name. */
function renamed(a: Database, b: Database, { before, after }: BothSides): Map<string, string> {
  const { identity } = identify(a, b, NO_CONVERSION);
  const names = new Map<string, string>();
  for (const id of everyService(a)) {
    const successor = entryOf(identity.successor, id);
    if (successor === NOBODY) continue;
    const [was, name] = [nameOf(a, id), nameOf(b, successor)];
    if (!after.has(was) && !before.has(name)) names.set(name, was);
  }
  return names;
}

function compare(a: Database, before: Entity, b: Database, after: Entity): FieldChange[] {
  const changes = compareFields(ownFields(a, before), ownFields(b, after));
  if ('bundle' in before || 'bundle' in after || sameContent(a, before.service, b, after.service)) return changes;
  const content = compareFields(
    contentFields(a.definition(before.service)),
    contentFields(b.definition(after.service)),
  );
  return [...changes, ...content];
}

function ownFields(database: Database, entity: Entity): Fields {
  return 'bundle' in entity ? bundleFields(database, entity.bundle) : graphFields(database, entity.service);
}

function sameContent(a: Database, before: ServiceId, b: Database, after: ServiceId): boolean {
  return isSameHash(contentHashOf(a, before), contentHashOf(b, after));
}

function compareFields(before: Fields, after: Fields): FieldChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((name) => {
    const from = before.get(name) ?? null;
    const to = after.get(name) ?? null;
    return sameValue(from, to) ? [] : [{ name, from, to }];
  });
}

function sameValue(a: FieldValue, b: FieldValue): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  if ('kind' in a) return 'kind' in b && sameEntry(a, b);
  if ('words' in a) {
    return (
      'words' in b &&
      a.words.length === b.words.length &&
      a.words.every((word, i) => sameItems(word, b.words[i] ?? NO_BYTES))
    );
  }
  return !('kind' in b || 'words' in b) && sameItems(a, b);
}

const NO_BYTES = new Uint8Array(0);

function sameEntry(a: FileEntry, b: FileEntry): boolean {
  switch (a.kind) {
    case 'file':
      return b.kind === 'file' && a.mode === b.mode && sameItems(a.content, b.content);
    case 'directory':
      return b.kind === 'directory' && a.mode === b.mode;
    case 'link':
      return b.kind === 'link' && a.target === b.target;
  }
}

function sameItems<T>(a: ArrayLike<T>, b: ArrayLike<T>): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
