/**
 * The directories of a source that is being read: what they leave to others of what is in them, and whether somebody else
 * could have put it there.
 */
import type { SourceFile } from '@muster/core/compile/source';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { type FileStatus, HERE, openDirectory, statusOf } from '@muster/posix/directory';
import { distrustOf, distrustWay } from '../ownership.ts';
import type { Sightings } from './sightings.ts';

/** An open directory of a source. */
export interface OpenDirectory {
  readonly descriptor: number;
  /** For people. */
  readonly path: string;
  /** Its own permission bits. */
  readonly mode: number;
  /** Permission bits that it and those above it leave to what is in it. */
  readonly allowed: number;
  /** Of the source that it is part of. */
  readonly walk: Walk;
  /** It, or one above it, is distrusted already, and so is all that is in it. */
  readonly isDistrusted: boolean;
}

/** One reading of one source. */
export interface Walk {
  /** Bytes that may still be read. */
  left: number;
  readonly distrusted: Diagnostic[];
  /** The last file that was read under each name: in many definitions, files of one name say the same. */
  readonly last: Map<string, SourceFile>;
  /** Null if nobody wants to know later whether the source is the same. */
  readonly sightings: Sightings | null;
}

export function openSource(path: string, walk: Walk): OpenDirectory {
  const descriptor = openDirectory(HERE, path);
  return entered(descriptor, path, walk, ALL, distrustsWay(path, walk));
}

/** `isFollowed`: there may be a link of that name. */
export function enter(parent: OpenDirectory, name: string, isFollowed: boolean): OpenDirectory {
  const { walk, allowed } = parent;
  const path = `${parent.path}/${name}`;
  const descriptor = openDirectory(parent.descriptor, name);
  return entered(descriptor, path, walk, allowed, parent.isDistrusted || (isFollowed && distrustsWay(path, walk)));
}

function entered(descriptor: number, path: string, walk: Walk, allowed: number, isDistrusted: boolean): OpenDirectory {
  const status = statusOf(descriptor);
  walk.sightings?.add(path);
  return {
    descriptor,
    path,
    mode: status.mode,
    allowed: allowed & passedOn(status.mode, SEARCH),
    walk,
    isDistrusted: isDistrusted || distrusts(path, status, walk),
  };
}

export const ALL = 0o777;
export const READ = 0o4;
const SEARCH = 0o1;

/** What others and the group may still do where they need the right `needed`, `SEARCH` or `READ`, on the way. */
export function passedOn(mode: number, needed: number): number {
  const others = (mode & needed) === 0 ? 0 : 0o007;
  const group = (mode & (needed << 3)) === 0 ? 0 : 0o070;
  return 0o700 | group | others;
}

export function distrusts(path: string, status: FileStatus, { distrusted }: Walk): boolean {
  return noted(distrustOf(path, status), distrusted);
}

/** What does not lead anywhere is reported by who opens it. */
export function distrustsWay(path: string, { distrusted }: Walk): boolean {
  try {
    return noted(distrustWay(path), distrusted);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return false;
  }
}

function noted(diagnostic: Diagnostic | null, distrusted: Diagnostic[]): boolean {
  if (diagnostic === null) return false;
  if (!distrusted.some(({ at }) => at?.file === diagnostic.at?.file)) distrusted.push(diagnostic);
  return true;
}
