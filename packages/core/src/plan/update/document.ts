/**
 * An update plan as a document: what `rc-update -n --json` and `rc-diff --plan` write, and `rc-update --plan` obeys. It
 * says what it was made from (`base`, `target`, `options`), so that the plan can be made again later: if that gives
 * another plan, the world has moved, and the document is not obeyed.
 */

import { present } from '../../invariant.ts';
import { contentHashOf, isSameHash } from '../../model/content-hash.ts';
import { type Database, entryOf, everyService, nameOf, type ServiceId } from '../../model/database.ts';
import { failure, type Result, success } from '../../result.ts';
import { NOBODY, successorOf } from './identity.ts';
import type { UpdateReason } from './reason.ts';
import type { UpdatePlan, UpdateStep } from './update.ts';
import type { UpdateWorld } from './world.ts';

export interface UpdateDocument {
  readonly version: 1;
  readonly kind: 'update';
  readonly base: Base;
  /** Hash of the database to update to. */
  readonly target: { readonly database: string };
  readonly options: DocumentOptions;
  readonly transitions: readonly DocumentTransition[];
  /** Stopped and not started again; started and not stopped before; both; reloaded; left alone. */
  readonly stop: readonly string[];
  readonly start: readonly string[];
  readonly restart: readonly string[];
  readonly reload: readonly string[];
  readonly keep: readonly string[];
  /** Of `keep`, those that then run on an older definition than the database's. */
  readonly stale: readonly { readonly service: string; readonly because: 'asked' | 'essential' }[];
}

export interface Base {
  /** Hash of the database that is live. */
  readonly database: string;
  readonly up: readonly string[];
  /** Not up for Muster, and yet there. */
  readonly running: readonly string[];
  /** Wanted, and not up; absent in plans of an older version. */
  readonly missed?: readonly string[];
  /** `NAME HASH` of those that run on another definition than the live database's. */
  readonly stale: readonly string[];
}

export interface DocumentOptions {
  readonly restart: 'changed' | 'never' | 'all';
  readonly stopEssentials: boolean;
  /** Of the conversion file: old and new names, and old names of those that it restarts. */
  readonly renames: readonly (readonly [string, string])[];
  readonly restarts: readonly string[];
}

export interface DocumentTransition {
  /** Stops by their old names, starts and reloads by their new ones. */
  readonly service: string;
  readonly action: UpdateStep['action'];
  readonly reason: UpdateReason;
  /** Services whose transition, of the same kind, must have succeeded before. */
  readonly needs: readonly string[];
}

export interface DocumentInput {
  readonly old: Database;
  readonly next: Database;
  readonly hashes: { readonly old: string; readonly next: string };
  readonly world: UpdateWorld;
  readonly options: DocumentOptions;
  readonly plan: UpdatePlan;
}

export function documentOf(input: DocumentInput): UpdateDocument {
  const { old, next, hashes, world, options, plan } = input;
  const restarted = new Set<string>();
  const stop: string[] = [];
  const started = new Set(plan.up.filter(({ action }) => action === 'up').map(({ service }) => service));
  for (const { service } of plan.down) {
    const successor = entryOf(plan.identity.successor, service);
    if (successor !== NOBODY && started.has(successor)) restarted.add(nameOf(next, successor));
    else stop.push(nameOf(old, service));
  }
  const starts = [...started].map((id) => nameOf(next, id));
  return {
    version: 1,
    kind: 'update',
    base: baseOf(old, hashes.old, world),
    target: { database: hashes.next },
    options,
    transitions: [...transitionsOf(plan.down, old), ...transitionsOf(plan.up, next)],
    stop: stop.sort(),
    start: starts.filter((name) => !restarted.has(name)).sort(),
    restart: [...restarted].sort(),
    reload: plan.up.flatMap(({ action, service }) => (action === 'reload' ? [nameOf(next, service)] : [])).sort(),
    keep: plan.kept.map(([, successor]) => nameOf(next, successor)).sort(),
    stale: plan.stale.map(({ service, because }) => ({
      service: nameOf(next, successorOf(plan.identity, service)),
      because,
    })),
  };
}

function baseOf(old: Database, hash: string, world: UpdateWorld): Base {
  const named = (pick: (id: ServiceId) => boolean): string[] =>
    everyService(old)
      .filter(pick)
      .map((id) => nameOf(old, id));
  const stale = everyService(old).flatMap((id) => {
    const { contentHash } = entryOf(world.services, id);
    if (contentHash === null) return [];
    return isSameHash(contentHash, contentHashOf(old, id)) ? [] : [`${old.names[id]} ${hex(contentHash)}`];
  });
  return {
    database: hash,
    up: named((id) => entryOf(world.services, id).up),
    running: named((id) => entryOf(world.services, id).running && !entryOf(world.services, id).up),
    missed: named((id) => entryOf(world.services, id).missed !== undefined),
    stale,
  };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function transitionsOf(steps: readonly UpdateStep[], database: Database): DocumentTransition[] {
  return steps.map(({ service, action, reason, after }) => ({
    service: nameOf(database, service),
    action,
    reason,
    needs: after
      .map((index) => nameOf(database, present(steps[index], 'a step waits for steps of its plan').service))
      .sort(),
  }));
}

/** What moved between the making of `planned` and `now`, the plan for the same options in the present world. */
export function whatMoved(planned: UpdateDocument, now: UpdateDocument): string[] {
  const moved: string[] = [];
  if (planned.base.database !== now.base.database) {
    moved.push(`another database is live: ${short(now.base.database)}, not ${short(planned.base.database)}`);
  }
  if (planned.target.database !== now.target.database) {
    moved.push(`the database to update to is ${short(now.target.database)}, not ${short(planned.target.database)}`);
  }
  moved.push(
    ...differences(planned.base.up, now.base.up, 'was up and is not', 'is up and was not'),
    ...differences(planned.base.running, now.base.running, 'was running and is not', 'is running and was not'),
    ...differences(planned.base.missed ?? [], now.base.missed ?? [], 'was wanted and not up', 'is wanted and not up'),
    ...otherDefinitions(planned.base.stale, now.base.stale),
  );
  if (moved.length > 0) return moved;
  const edited = CONSEQUENCES.filter((part) => canonical(planned[part]) !== canonical(now[part]));
  return edited.map((part) => `its '${part}' is not what its base, target and options lead to`);
}

/** What follows from the rest of a document: who edits these gets nothing else for it. */
const CONSEQUENCES = ['transitions', 'stop', 'start', 'restart', 'reload', 'keep', 'stale'] as const;

/** The same text for the same data, in whatever order a program that read and wrote it has put its keys. */
function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) =>
    isRecord(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

function differences(before: readonly string[], after: readonly string[], gone: string, come: string): string[] {
  return [
    ...before.filter((name) => !after.includes(name)).map((name) => `${name} ${gone}`),
    ...after.filter((name) => !before.includes(name)).map((name) => `${name} ${come}`),
  ];
}

/** Of an entry of `base.stale`. */
export function staleName(entry: string): string {
  return entry.slice(0, entry.lastIndexOf(' '));
}

function otherDefinitions(before: readonly string[], after: readonly string[]): string[] {
  const changed = [
    ...before.filter((line) => !after.includes(line)),
    ...after.filter((line) => !before.includes(line)),
  ];
  const names = changed.map(staleName);
  return [...new Set(names)].map((name) => `${name} runs another definition than then`);
}

function short(hash: string): string {
  return hash.slice(0, 12);
}

/** Reads what `documentOf` made; says what is wrong with it if it cannot be that. */
export function parseDocument(text: string): Result<UpdateDocument, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return failure(error instanceof Error ? error.message : 'this is not JSON');
  }
  return documentFrom(value);
}

/** The same of what was JSON. */
export function documentFrom(value: unknown): Result<UpdateDocument, string> {
  if (!isRecord(value) || value.kind !== 'update') return failure('this is not a plan of an update');
  if (value.version !== 1) return failure('this plan is of another version');
  const { base, target, options, transitions } = value;
  if (!isRecord(base) || typeof base.database !== 'string') return failure('it does not say what it was made from');
  if (![base.up, base.running, base.stale].every(areStrings)) return failure('it does not say what was up');
  if (base.missed !== undefined && !areStrings(base.missed)) return failure('it does not say what was not up');
  if (!isRecord(target) || typeof target.database !== 'string') return failure('it does not say to which database');
  if (!isOptions(options)) return failure('it does not say with which options');
  if (!Array.isArray(transitions)) return failure('it has no transitions');
  return success(value as unknown as UpdateDocument);
}

function isOptions(value: unknown): boolean {
  if (!isRecord(value) || typeof value.stopEssentials !== 'boolean' || !areStrings(value.restarts)) return false;
  if (value.restart !== 'changed' && value.restart !== 'never' && value.restart !== 'all') return false;
  return Array.isArray(value.renames) && value.renames.every((pair) => areStrings(pair) && pair.length === 2);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function areStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
