/** Putting back what is missing in a live directory. What runs is not touched, and what is there is not looked into. */
import { existsSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { type Database, LONGRUN, servicesByName } from '@muster/core/model/database';
import { ensureFifo } from '@muster/posix/fifo';
import { ensurePipe, makePipesDirectory } from '@muster/posix/producer-pipe';
import { controlPath } from '@muster/protocol/oneshots/protocol';
import type { Live } from '@muster/store/live/open';
import { writeEntries } from '@muster/store/live/write-entries';
import { supervisorFor } from '../supervisor-table.ts';
import { consumersOf, renderService } from './services.ts';

export function repairServices(live: Live, database: Database, muster: string): void {
  const { paths } = live;
  const supervisor = supervisorFor(live);
  makePipesDirectory(paths.pipes);
  for (const directory of [paths.services, paths.oneshots, paths.changes, paths.scan]) {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
  }
  ensureFifo(controlPath(paths.oneshots), 0o600);
  for (const consumer of consumersOf(database)) ensurePipe(`${paths.pipes}/${consumer}`);
  const target = { supervisor, live: paths.root, muster };
  for (const [name, service] of servicesByName(database)) {
    const directory = `${paths.services}/${name}`;
    if (!existsSync(directory)) {
      const { entries } = renderService(database, service, target);
      // No service has such a name; one that is as long as a file's may be, with anything added to it, would be none.
      const unfinished = `${paths.services}/.new`;
      rmSync(unfinished, { recursive: true, force: true });
      writeEntries(unfinished, entries);
      renameSync(unfinished, directory);
    }
    if (supervisor.ownsScandir && database.kinds[service] === LONGRUN) ensureLink(`${paths.scan}/${name}`, name);
  }
}

function ensureLink(link: string, name: string): void {
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(`../services/${name}`, link);
}
