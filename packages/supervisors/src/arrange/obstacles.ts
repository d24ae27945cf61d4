/** What keeps a database's services from running under somebody else's supervisors, found before anything is done. */
import { readdirSync, statSync } from 'node:fs';
import type { Database } from '@muster/core/model/database';
import type { Backend } from '@muster/store/live/backend';
import type { Live } from '@muster/store/live/open';
import { isOwnLink } from '@muster/store/live/own-link';
import { runsvdirOf } from '../runit/runsvdir-process.ts';
import { type Entry, isSomebodyElses, isWatched } from '../s6/scandir.ts';
import { knowsFile, servicesAtMost } from '../s6/svscan-process.ts';
import { unsupported } from '../service-directory/unsupported.ts';
import { entriesIn } from './join.ts';

export interface Obstacle {
  /** In a definition, which asks for what the supervisor cannot do; or in the scandir. */
  readonly place: 'definition' | 'scandir';
  readonly message: string;
  readonly hint: string;
}

/** Entries that are shown of many. */
const SHOWN = 5;
/** Bytes of a name that s6-svscan takes, and that has room for the name under which a link is made. */
const LONGEST_NAME = 250;

/** `present`: the database whose services are in the scandir; null: none are, or it is not known whether they are. */
export function obstaclesFor(
  { backend, paths }: Pick<Live, 'backend' | 'paths'>,
  database: Database,
  present: Database | null,
): Obstacle[] {
  const { kind } = backend;
  if (kind === 'embedded') return [];
  const lacking = unsupported(database, kind, (file) => knowsFile(backend.scandir, file)).map(
    ({ service, feature, wayOut }) => ({
      place: 'definition' as const,
      message: `${database.names[service]}: ${kind} cannot do what ${feature} asks for`,
      hint: wayOut,
    }),
  );
  const entries = entriesIn({ backend, paths }, database);
  const known = new Set(present === null ? [] : entriesIn({ backend, paths }, present).map(({ name }) => name));
  const fresh = entries.filter(({ name }) => !known.has(name));
  if (fresh.length === 0) return lacking;
  const inTheWay = [
    ...watchers(backend, paths.root, entries),
    ...longNames(fresh),
    ...takenNames(backend, paths.root, fresh),
  ];
  return [...lacking, ...inTheWay.map((obstacle) => ({ place: 'scandir' as const, ...obstacle }))];
}

/** Whether somebody is there to look after the services of a scandir. */
export function hasWatcher({ kind, scandir }: Backend): boolean {
  switch (kind) {
    case 'embedded':
      return true;
    case 's6':
      return isWatched(scandir);
    case 'runit':
      return runsvdirOf(scandir) !== null;
  }
}

type InScandir = Omit<Obstacle, 'place'>;

/** Nobody watches the scandir, or somebody who watches fewer than there would be. */
function watchers({ kind, scandir }: Backend, root: string, entries: readonly Entry[]): InScandir[] {
  let names: string[];
  try {
    names = readdirSync(scandir).filter((name) => !name.startsWith('.'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return [{ message: `${scandir}: ${code}`, hint: 'name the scandir of a running tree' }];
  }
  const others = names.filter((name) => !isOwnLink(root, `${scandir}/${name}`));
  if (kind === 's6') {
    if (!isWatched(scandir)) return [nobodyWatches('s6-svscan', scandir)];
    const together = entries.length + supervisorsFor(scandir, others);
    const hint = `start it with a greater number: s6-svscan -c ${together} (-C since s6 2.12)`;
    return limit('s6-svscan', scandir, servicesAtMost(scandir), together, hint);
  }
  const runsvdir = runsvdirOf(scandir);
  if (runsvdir === null) return [nobodyWatches('runsvdir', scandir)];
  const hint = 'no option changes that: use another runsvdir for some of them, or -b embedded';
  return limit('runsvdir', scandir, runsvdir.atMost, entries.length + others.length, hint);
}

/** s6-svscan counts a logger in `log/` as another service. */
function supervisorsFor(scandir: string, names: readonly string[]): number {
  const isDirectory = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const directories = names.map((name) => `${scandir}/${name}`).filter(isDirectory);
  return directories.length + directories.filter((path) => isDirectory(`${path}/log`)).length;
}

function nobodyWatches(program: string, scandir: string): InScandir {
  return { message: `no ${program} watches ${scandir}`, hint: `start one: ${program} ${scandir}` };
}

function limit(program: string, scandir: string, most: number | null, together: number, hint: string): InScandir[] {
  if (most === null || together <= most) return [];
  return [
    { message: `${program} watches at most ${most} services in ${scandir}, and they would be ${together}`, hint },
  ];
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

function takenNames({ scandir }: Backend, root: string, entries: readonly Entry[]): InScandir[] {
  const taken = entries.filter(({ name }) => isSomebodyElses(`${scandir}/${name}`, root)).map(({ name }) => name);
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
