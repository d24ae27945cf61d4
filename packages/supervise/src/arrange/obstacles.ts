/** What keeps a live directory from joining somebody else's scandir, found before anything is made. */
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import type { Database } from '@muster/core/model/database';
import type { Live } from '@muster/store/live/open';
import { isWatched } from '../s6/scandir.ts';
import { servicesAtMost } from '../s6/svscan-process.ts';
import { entriesIn } from './join.ts';

export interface Obstacle {
  readonly message: string;
  readonly hint: string;
}

/** Entries that are shown of many. */
const SHOWN = 5;

export function obstaclesFor(live: Pick<Live, 'backend' | 'paths'>, database: Database): Obstacle[] {
  const { kind, scandir } = live.backend;
  if (kind === 'embedded') return [];
  let present: string[];
  try {
    present = readdirSync(scandir).filter((name) => !name.startsWith('.'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return [{ message: `${scandir}: ${code}`, hint: 'name the scandir of a running tree' }];
  }
  if (kind === 's6' && !isWatched(scandir)) {
    return [{ message: `no s6-svscan watches ${scandir}`, hint: `start one: s6-svscan ${scandir}` }];
  }
  const entries = entriesIn(live, database);
  const foreign = entries.filter(({ name, target }) => isSomethingElse(`${scandir}/${name}`, target));
  const taken = foreign.map(({ name }) => name);
  const found: Obstacle[] = [];
  if (taken.length > 0) found.push(takenNames(scandir, taken));
  const most = kind === 's6' ? servicesAtMost(scandir) : null;
  const together = new Set([...present, ...entries.map(({ name }) => name)]).size;
  if (most !== null && together > most) {
    found.push({
      message: `s6-svscan watches at most ${most} services in ${scandir}, and they would be ${together}`,
      hint: `start it with a greater number: s6-svscan -c ${together} (-C since s6 2.12)`,
    });
  }
  return found;
}

function takenNames(scandir: string, names: readonly string[]): Obstacle {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  const shown = names.slice(0, SHOWN).join(', ');
  return {
    message: `${scandir} has services of these names already, which are not ours: ${shown}${more}`,
    hint: 'keep them apart with --prefix',
  };
}

function isSomethingElse(path: string, target: string): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return false;
  return !status.isSymbolicLink() || readlinkSync(path) !== target;
}
