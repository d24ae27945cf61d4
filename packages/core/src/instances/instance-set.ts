/**
 * The instances that were made of templates while a live directory runs, beside its database and in terms of it.
 *
 * Each is what somebody asked for (`CreatedInstance`), and what was made for it (`InstanceService`): the instance itself, its
 * logger, and what its lists name with `%i`. All that a command has to know of such a service to look at it, or to plan, is
 * here as plain names and numbers, so that no template is decoded for it. Where a list names something, it is a name and no
 * id: ids are places in one database with one set (overlay.ts).
 */
import type { ServiceKind } from '../model/database.ts';

export interface CreatedInstance {
  /** `T@I` */
  readonly name: string;
  /** The directory in which it is kept for the next boot; null if it ends with this one. */
  readonly persist: string | null;
}

export interface InstanceService {
  readonly name: string;
  /** Of what it is made: a template's name, which ends with `@`, and the instance. */
  readonly template: string;
  readonly instance: string;
  /** It is the logger that the template's `log` asks for, `T@I-log`. */
  readonly isLogger: boolean;
  /** Where its own variables are kept; null if it has none. */
  readonly environment: string | null;
  /** By which it is locked. No two services of a live directory have had the same. */
  readonly key: number;
  /** Which record is its own. */
  readonly slot: number;
  readonly kind: ServiceKind;
  readonly flags: number;
  readonly timeoutUp: number;
  readonly timeoutDown: number;
  readonly onUpdate: number;
  readonly description: string;
  /** What it needs, with an index into `ON_DEPENDENCY_RESTART`. */
  readonly needs: readonly (readonly [name: string, onRestart: number])[];
  readonly wants: readonly string[];
  readonly after: readonly string[];
  readonly before: readonly string[];
  readonly conflicts: readonly string[];
  readonly producerFor: string | null;
  /** When its definition became another one under it, in milliseconds since the epoch; 0 if it has not. */
  readonly since: number;
  /** Hexadecimal. */
  readonly contentHash: string;
}

/** The bundle that a `pipeline-name` with `%i` names. */
export interface InstanceBundle {
  readonly name: string;
  readonly members: readonly string[];
}

export interface InstanceSet {
  readonly created: readonly CreatedInstance[];
  readonly services: readonly InstanceService[];
  readonly bundles: readonly InstanceBundle[];
  /** Names of services whose directories are to be made, or made anew. */
  readonly arriving: readonly string[];
  /** Those that are gone from the set, and whose directories may be there yet. */
  readonly leaving: readonly LeavingService[];
}

export interface LeavingService {
  readonly name: string;
  readonly supervised: boolean;
}

export const NO_INSTANCES: InstanceSet = { created: [], services: [], bundles: [], arriving: [], leaving: [] };

/** Directories are not yet, or not any more, what the set says. */
export function isUnsettled({ arriving, leaving }: InstanceSet): boolean {
  return arriving.length + leaving.length > 0;
}

/** What `T@I` is made of: the template's name and the instance; null if it is no such name. */
export function partsOf(name: string): { readonly template: string; readonly instance: string } | null {
  const split = name.indexOf('@') + 1;
  if (split <= 1 || split === name.length) return null;
  return { template: name.slice(0, split), instance: name.slice(split) };
}
