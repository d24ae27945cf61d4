/** A live directory for replacing its database; on the way, what a killed update has left is mended. */

import { type Recovery, recover } from '@muster/control/update/recover';
import type { UpdateSite } from '@muster/control/update/site';
import type { Database } from '@muster/core/model/database';
import type { Deadline } from '@muster/posix/deadline';
import { forgetDead } from '@muster/store/live/changes';
import { isInterrupted } from '@muster/store/live/journal';
import { LockFile } from '@muster/store/live/lock-file';
import { openLive, outlivedDirectory, type Refused } from '@muster/store/live/open';
import { lendingOf, ownTerminal } from '../console.ts';
import { tell } from '../output.ts';
import { listed, namesOf } from '../render/names.ts';
import { withDatabase } from './read.ts';
import { reviveOrClose } from './revive.ts';
import { type Busy, type Patience, Waiting } from './waiting.ts';

export interface Updating {
  readonly kind: 'updating';
  readonly site: UpdateSite;
  /** An update that was interrupted here, and has been seen to. */
  readonly recovery: Recovery | null;
}

/** Waits for changes that are under way, as long as `patience` allows, and says so. */
export async function openForUpdating(
  root: string,
  program: string,
  patience: Patience,
): Promise<Updating | Busy | Refused> {
  const waiting = new Waiting(root, patience);
  for (;;) {
    const seen = openLive(root);
    if (seen.kind === 'refused') return seen;
    if (seen.outlived !== null) return { kind: 'refused', diagnostic: outlivedDirectory(seen) };
    const lock = new LockFile(seen.paths.lock);
    if (lock.tryReplaceDatabase()) return await openMended(root, lock, program, patience.deadline);
    const holder = lock.databaseHolder();
    lock.close();
    const busy = await waiting.moment(holder);
    if (busy !== null) return busy;
  }
}

/** Sees to an update that was interrupted, once nobody else changes anything. */
export async function mendInterrupted(root: string, patience: Patience): Promise<Busy | Refused | null> {
  const opened = await openForUpdating(root, 'muster', patience);
  if (opened.kind !== 'updating') return opened;
  opened.site.records.close();
  opened.site.lock.close();
  return null;
}

async function openMended(
  root: string,
  lock: LockFile,
  program: string,
  deadline: Deadline,
): Promise<Updating | Busy | Refused> {
  const opened = openSite(root, lock);
  if (opened.kind === 'refused') return opened;
  forgetDead(opened.site.live.paths.changes);
  if (!isInterrupted(opened.site.live.paths)) {
    await reviveOrClose(opened.site, deadline);
    return opened;
  }
  const recovery = await mend(opened.site, program, deadline);
  opened.site.records.close();
  if (recovery?.late) {
    lock.close();
    return { kind: 'busy', holder: `the interrupted '${recovery.command}'`, inside: null, late: true };
  }
  const again = openSite(root, lock);
  return again.kind === 'refused' ? again : { ...again, recovery };
}

function openSite(root: string, lock: LockFile): Updating | Refused {
  const live = openLive(root);
  const opened = live.kind === 'live' ? withDatabase(live) : live;
  if (opened.kind === 'opened') return { kind: 'updating', site: { ...opened, lock }, recovery: null };
  lock.close();
  return opened;
}

async function mend(site: UpdateSite, program: string, deadline: Deadline): Promise<Recovery | null> {
  const nothing = { pause: () => {}, resume: () => {} };
  const events = (database: Database) => lendingOf(database, ownTerminal(), nothing, { emit: () => {} });
  const silent = { events, began: () => {} };
  const recovery = await recover(site, process.execPath, silent, deadline);
  if (recovery === null) return null;
  const { kind, command, began, outcome } = recovery;
  if (recovery.late) return recovery;
  const when = new Date(began).toISOString();
  tell(`${program}: '${command}' of ${when} was interrupted, and is ${kind} now\n`);
  if (recovery.unplaced !== null) tell(`${program}: but ${recovery.unplaced.message}\n`);
  if (outcome.failed.length === 0) return recovery;
  const failed = namesOf(
    site.database,
    outcome.failed.map(({ service }) => service),
  );
  tell(`${program}: meanwhile these failed: ${listed(failed)}\n`);
  return recovery;
}
