/** What keeps a database's services from running under somebody else's supervisors, found before anything is done. */
import { readdirSync } from 'node:fs';
import { type Database, everyService, LONGRUN } from '@muster/core/model/database';
import { isOwnLink } from '@muster/store/live/own-link';
import type { LivePlace, SupervisionObstacle, SupervisorAdapter } from '../supervisor-adapter.ts';
import { type Entry, entriesIn } from './entries.ts';
import { isSomebodyElses } from './links.ts';

/** What a supervisor's object says of itself. */
export interface Watcher extends Pick<SupervisorAdapter, 'name' | 'program' | 'isWatching' | 'unsupported'> {
  /** How many services it watches at most; null if there is no limit, or none that can be known. */
  atMost(scandir: string): number | null;
  /** How many it watches for these entries. */
  watchedFor(scandir: string, names: readonly string[]): number;
  /** What to do about a limit, if `together` are to be watched. */
  wayOut(together: number): string;
}

type InScandir = Omit<SupervisionObstacle, 'place'>;

/** Entries that are shown of many. */
const SHOWN = 5;
/** Bytes of a name that s6-svscan takes, and that has room for the name under which a link is made. */
const LONGEST_NAME = 250;

/** As `SupervisorAdapter.obstacles`. */
export function obstaclesUnder(
  watcher: Watcher,
  place: LivePlace,
  database: Database,
  present: Database | null,
): SupervisionObstacle[] {
  const lacking = unsupportedIn(database, watcher, place.backend.scandir);
  const entries = entriesIn(place, database);
  const known = new Set(present === null ? [] : entriesIn(place, present).map(({ name }) => name));
  const fresh = entries.filter(({ name }) => !known.has(name));
  if (fresh.length === 0) return lacking;
  const inTheWay = [...unwatched(watcher, place, entries), ...longNames(fresh), ...takenNames(place, fresh)];
  return [...lacking, ...inTheWay.map((obstacle) => ({ place: 'scandir' as const, ...obstacle }))];
}

function unsupportedIn(database: Database, watcher: Watcher, scandir: string): SupervisionObstacle[] {
  return everyService(database).flatMap((service) => {
    if (database.kinds[service] !== LONGRUN) return [];
    const definition = database.definition(service);
    if (definition.type !== 'longrun') return [];
    return [...watcher.unsupported(definition, scandir)].map(({ feature, wayOut }) => ({
      place: 'definition' as const,
      message: `${database.names[service]}: ${watcher.name} cannot do what ${feature} asks for`,
      hint: wayOut,
    }));
  });
}

/** Nobody watches the scandir, or somebody who watches fewer than there would be. */
function unwatched(watcher: Watcher, { backend, paths }: LivePlace, entries: readonly Entry[]): InScandir[] {
  const { scandir } = backend;
  const { program } = watcher;
  let names: string[];
  try {
    names = readdirSync(scandir).filter((name) => !name.startsWith('.'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return [{ message: `${scandir}: ${code}`, hint: 'name the scandir of a running tree' }];
  }
  if (!watcher.isWatching(scandir)) {
    return [{ message: `no ${program} watches ${scandir}`, hint: `start one: ${program} ${scandir}` }];
  }
  const others = names.filter((name) => !isOwnLink(paths.root, `${scandir}/${name}`));
  const together = entries.length + watcher.watchedFor(scandir, others);
  const most = watcher.atMost(scandir);
  if (most === null || together <= most) return [];
  const message = `${program} watches at most ${most} services in ${scandir}, and they would be ${together}`;
  return [{ message, hint: watcher.wayOut(together) }];
}

function longNames(entries: readonly Entry[]): InScandir[] {
  const long = entries.filter(({ name }) => Buffer.byteLength(name) > LONGEST_NAME).map(({ name }) => name);
  if (long.length === 0) return [];
  return [
    {
      message: `too long for names in a scandir: ${some(long)}`,
      hint: `${LONGEST_NAME} bytes, prefix included, will do`,
    },
  ];
}

function takenNames({ backend, paths }: LivePlace, entries: readonly Entry[]): InScandir[] {
  const { scandir } = backend;
  const taken = entries.filter(({ name }) => isSomebodyElses(`${scandir}/${name}`, paths.root)).map(({ name }) => name);
  if (taken.length === 0) return [];
  return [
    {
      message: `${scandir} has services of these names already, which are not ours: ${some(taken)}`,
      hint: 'keep them apart with --prefix',
    },
  ];
}

function some(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `${names.slice(0, SHOWN).join(', ')}${more}`;
}
