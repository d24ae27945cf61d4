/**
 * From a definition to the service directory that a supervisor runs, `LIVE/services/NAME`.
 *
 * Rendering is pure and deterministic: the same definition gives the same entries, sorted by path, so that an update
 * writes only what differs. It never describes what a supervisor makes by itself (`supervise/…`, `event/`).
 *
 *     supervise/           empty, and readable: s6-supervise and runsv would make one that only root may look into
 *     down                 always: nothing starts until the engine says so
 *     run, finish, data/…  the author's, unless something must be done around them:
 *     run.user             the author's, when `run` is generated (run-script.ts)
 *     finish.user          the author's, when `finish` is generated (finish-script.ts)
 *     notification-fd, …   settings for s6-supervise and the embedded tree (settings.ts)
 *     restart, …           Muster's own settings, for the embedded tree
 *     check, control/…     for runsv (runit-files.ts)
 *     .muster/             what the generated scripts remember from one run to the next, and loggers (held-lines.ts)
 *     up, up.argv, …       of a oneshot (oneshot-files.ts)
 *
 * The embedded tree carries out restart policies, readiness rules and signals by itself, so that there the generated
 * `run` exists only for pipes, environments and process attributes. On s6 and runit scripts do what is left.
 */
import { type Database, hasFlag, type ServiceId } from '@muster/core/model/database';
import type { FileEntry, Longrun } from '@muster/core/model/definition';
import { AUTHORS_FINISH, AUTHORS_RUN, STATE_DIRECTORY } from '@muster/store/live/service-files';
import { HELD_FILE, TROUBLE_FILE } from '../logger/held-lines.ts';
import { emptyDirectory, executable, flagFile, script, setting } from './file-entry.ts';
import { finishScript, needsFinishScript } from './finish-script.ts';
import { oneshotFiles } from './oneshot-files.ts';
import { runScript } from './run-script.ts';
import { runitFiles } from './runit-files.ts';
import { embeddedSettings, s6Settings } from './settings.ts';
import type { Target } from './target.ts';

const EXECUTABLE: ReadonlySet<string> = new Set(['run', 'finish', 'ready-check']);

/** The entries of `LIVE/services/NAME` for one service, sorted by path. */
export function render(database: Database, id: ServiceId, target: Target): FileEntry[] {
  const definition = database.definition(id);
  const files =
    definition.type === 'longrun'
      ? longrunFiles(database, id, definition, target)
      : oneshotFiles(definition, { mayAsk: hasFlag(database, id, 'console') });
  return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function longrunFiles(database: Database, id: ServiceId, longrun: Longrun, target: Target): FileEntry[] {
  const run = runScript(database, id, longrun, target);
  const finish = needsFinishScript(longrun, target.backend)
    ? finishScript(database.names[id]!, longrun, target.backend)
    : null;
  const files: FileEntry[] = [flagFile('down')];
  for (const file of longrun.files) {
    if (file.path === 'down') continue;
    if (file.path === 'run' && run !== null) files.push(executable(file, AUTHORS_RUN));
    else if (file.path === 'finish' && finish !== null) files.push(executable(file, AUTHORS_FINISH));
    else files.push(EXECUTABLE.has(file.path) ? executable(file) : file);
  }
  if (run !== null) files.push(script('run', run));
  if (finish !== null) files.push(script('finish', finish));
  if (target.backend !== 'embedded') {
    files.push(...superviseFiles(longrun, target));
    if (run !== null || finish !== null) files.push(emptyDirectory(STATE_DIRECTORY));
  }
  files.push(...loggerFiles(longrun));
  files.push(...settings(longrun, target));
  return files;
}

function loggerFiles({ logger }: Longrun): FileEntry[] {
  if (logger === null) return [];
  const content = new Uint8Array(0);
  return [
    { kind: 'file', path: TROUBLE_FILE, mode: 0o644, content },
    { kind: 'file', path: HELD_FILE, mode: 0o600, content },
  ];
}

function superviseFiles(longrun: Longrun, { backend }: Target): FileEntry[] {
  const directory = emptyDirectory('supervise');
  // s6 2.11 takes a lock of this file, and does not make it.
  return backend === 's6' && longrun.lockFd !== null ? [directory, flagFile('supervise/service-lock')] : [directory];
}

function settings(longrun: Longrun, { backend }: Target): FileEntry[] {
  switch (backend) {
    case 'embedded':
      return [...s6Settings(longrun, backend), ...embeddedSettings(longrun)];
    case 's6':
      return s6Settings(longrun, backend);
    case 'runit':
      return [
        ...runitFiles(longrun),
        ...(longrun.reloadSignal === null ? [] : [setting('reload-signal', longrun.reloadSignal)]),
      ];
  }
}
