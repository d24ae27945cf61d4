/**
 * The file `LIVE/healthy`, which is there exactly while all of the bundle `default`, with what it needs, is up, and ready where
 * that can be known: for probes that come every few seconds, and for which any program would be too much.
 *
 * It goes in the turn of the loop in which that ends. It comes a little later than it could: while much happens, as in a boot, nobody
 * is kept from working by looking.
 */

import { closeSync, openSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { closureOf } from '@muster/core/graph/closure';
import { type Database, hasFlag, ONESHOT } from '@muster/core/model/database';
import { select } from '@muster/core/plan/goal';
import type { Timer } from '@muster/posix/reactor';
import { readTextIfThere } from '@muster/posix/regular-file';
import { savedStatus } from '@muster/protocol/oneshots/status-file';
import { DONE } from '@muster/protocol/success-codes';
import { openDatabase } from '@muster/store/database/open';
import { DATABASE_FILE, type LivePaths } from '@muster/store/live/paths';
import { EMBEDDED_FAILED_FILE } from '@muster/store/live/service-files';
import type { Companion, CompanionHost } from './tree.ts';

const BUNDLE = 'default';
/** Milliseconds in which nothing happens before it is looked, and after which it is looked all the same. */
const QUIET = 50;
const LONGEST = 1000;

interface Part {
  readonly name: string;
  readonly isOneshot: boolean;
  /** It says when it is ready. */
  readonly hasReadiness: boolean;
}

export function healthFile(paths: LivePaths): Companion {
  return new HealthFile(paths);
}

class HealthFile implements Companion {
  readonly #paths: LivePaths;
  #host: CompanionHost | null = null;
  #isThere = false;
  #isDue = false;
  #look: Timer | null = null;
  /** By `performance.now`; when the first thing happened that has not been looked at. */
  #since = 0;
  /** Null: there is no such bundle. */
  #known: { readonly link: string; readonly parts: readonly Part[] | null } | null = null;

  constructor(paths: LivePaths) {
    this.#paths = paths;
  }

  begin(host: CompanionHost): void {
    this.#host = host;
    // Of an earlier life.
    rmSync(this.#paths.healthy, { force: true });
    host.reactor.everyTurn(() => this.#turn());
    this.changed();
  }

  changed(): void {
    this.#isDue = true;
  }

  end(done: () => void): void {
    this.#remove();
    done();
  }

  #turn(): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    if (this.#isThere) {
      if (!this.#isHealthy()) this.#remove();
      return;
    }
    const now = performance.now();
    if (this.#look === null) this.#since = now;
    this.#look?.cancel();
    const delay = Math.min(QUIET, Math.max(0, this.#since + LONGEST - now));
    this.#look = this.#host!.reactor.after(delay, () => {
      this.#look = null;
      if (this.#isHealthy()) this.#make();
    });
  }

  #make(): void {
    try {
      closeSync(openSync(this.#paths.healthy, 'w', 0o644));
      this.#isThere = true;
    } catch {
      // No room, or the directory is gone: then it is not there, which is what it says at worst.
    }
  }

  #remove(): void {
    this.#look?.cancel();
    this.#look = null;
    if (this.#isThere) rmSync(this.#paths.healthy, { force: true });
    this.#isThere = false;
  }

  #isHealthy(): boolean {
    const parts = this.#parts();
    return parts?.every((part) => (part.isOneshot ? this.#isDone(part) : this.#isUp(part))) ?? false;
  }

  #isUp({ name, hasReadiness }: Part): boolean {
    const status = this.#host!.statusOf(name);
    if (status === undefined || status.finishing) return false;
    // One that was allowed to end has done what it was there for.
    if (status.pid === 0) return readTextIfThere(join(this.#paths.services, name, EMBEDDED_FAILED_FILE)) === DONE;
    return status.ready || !hasReadiness;
  }

  /** A oneshot that was brought up, and not down since. */
  #isDone({ name }: Part): boolean {
    const { running, last } = savedStatus(join(this.#paths.services, name));
    if (running !== null && running.action !== 'reload') return false;
    if (last === null || last.action === 'down') return false;
    return last.action === 'reload' || (last.exit?.code === 0 && last.exit.signal === 0);
  }

  /** Of the database that is live now. */
  #parts(): readonly Part[] | null {
    try {
      const link = readlinkSync(this.#paths.db);
      if (this.#known?.link !== link) {
        const opened = openDatabase(join(this.#paths.root, link, DATABASE_FILE));
        this.#known = { link, parts: opened.ok ? partsOf(opened.value.database) : null };
      }
      return this.#known.parts;
    } catch {
      return null;
    }
  }
}

function partsOf(database: Database): readonly Part[] | null {
  const { selection, unknown } = select(database, [BUNDLE]);
  if (unknown.length > 0) return null;
  const members = selection.members.filter((service) => !hasFlag(database, service, 'manual'));
  return closureOf(database.needs, [...selection.named, ...members]).members.map((service) => ({
    name: database.names[service]!,
    isOneshot: database.kinds[service] === ONESHOT,
    hasReadiness: hasFlag(database, service, 'readiness'),
  }));
}
