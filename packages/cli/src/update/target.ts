/** A database that the live directory is made from, or moved to. */
import { join, resolve } from 'node:path';
import type { Database } from '@muster/core/model/database';
import { decode } from '@muster/store/database/decode';
import { databaseMode } from '@muster/store/database/mode';
import { readDatabaseFile } from '@muster/store/database/open';
import { readGenerations } from '@muster/store/live/generations';
import type { Live } from '@muster/store/live/open';
import { DATABASE_FILE } from '@muster/store/live/paths';
import { distrustOf, distrustWay } from '@muster/store/ownership';
import { EXIT } from '../exit-codes.ts';
import { complain, complainAbout } from '../render/complain.ts';

export interface Target {
  /** For people. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly database: Database;
  readonly hash: string;
  /** Permissions of copies: not wider than those of the original. */
  readonly mode: number;
}

interface Known {
  readonly live: Live;
  readonly database: Database;
}

/**
 * A compiled file. A number: an exit code, and what is wrong has been told. `known`: what is live, which often is the
 * same, and need not be decoded twice then.
 */
export function compiledTarget(program: string, file: string, known?: Known): Target | number {
  const path = resolve(file);
  const read = readDatabaseFile(path);
  if (!read.ok) return complain(program, `${path}: ${read.message}`, EXIT.invalid);
  const { bytes, stats } = read;
  const foreign = distrustOf(path, stats) ?? distrustWay(path);
  if (foreign !== null) return complainAbout(foreign);
  const decoded = isLive(bytes, known)
    ? { ok: true as const, database: known.database, hash: known.live.generation }
    : decode(bytes);
  if (!decoded.ok) return complain(program, `${path}: ${decoded.message}`, EXIT.invalid);
  const { database, hash } = decoded;
  return { path, bytes, database, hash, mode: databaseMode(database) & stats.mode };
}

function isLive(bytes: Buffer, known: Known | undefined): known is Known {
  if (known === undefined) return false;
  const live = readDatabaseFile(known.live.databasePath);
  return live.ok && live.bytes.equals(bytes);
}

/** The database that was live `back` generations ago. */
export function earlierTarget(program: string, live: Live, back: number): Target | number {
  const hashes = readGenerations(live.paths.generations).map(({ hash }) => hash);
  const earlier = hashes.slice(0, -1).reverse();
  const hash = earlier[back - 1];
  if (hash === undefined) {
    const known = earlier.length === 0 ? 'none is kept' : `${earlier.length} are kept`;
    return complain(program, `there is no generation to go back to: of those before this one ${known}`, EXIT.failed);
  }
  return generationTarget(program, live, hash);
}

export function isKept(live: Live, hash: string): boolean {
  return readGenerations(live.paths.generations).some((generation) => generation.hash === hash);
}

/** A database that is, or was, live. */
export function generationTarget(program: string, live: Live, hash: string): Target | number {
  return compiledTarget(program, join(live.paths.databases, hash, DATABASE_FILE));
}
