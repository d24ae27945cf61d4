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
import {
  AUTHORS_FINISH,
  AUTHORS_RUN,
  HELD_FILE,
  STATE_DIRECTORY,
  TROUBLE_FILE,
} from '@muster/store/live/service-files';
import { emptyDirectory, executable, flagFile, lockedFile, ownersOnly, script, setting } from './file-entry.ts';
import { finishScript, needsFinishScript } from './finish-script.ts';
import { ONESHOT_STATUS, oneshotFiles } from './oneshot-files.ts';
import { LOCK_FILE, locks, runScript } from './run-script.ts';
import { runitFiles } from './runit-files.ts';
import { embeddedSettings, s6Settings } from './settings.ts';
import type { Target } from './target.ts';

const EXECUTABLE: ReadonlySet<string> = new Set(['run', 'finish', 'ready-check']);

/** The entries of `LIVE/services/NAME` for one service, sorted by path. */
export function render(database: Database, id: ServiceId, target: Target): FileEntry[] {
  const definition = database.definition(id);
  const { given, made } =
    definition.type === 'longrun'
      ? longrunFiles(database, id, definition, target)
      : { given: [ONESHOT_STATUS], made: oneshotFiles(definition, { mayAsk: hasFlag(database, id, 'console') }) };
  const files = [...given, ...(hasFlag(database, id, 'private') ? made.map(ownersOnly) : made)];
  return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

interface Rendered {
  /** With modes of their own: the author's files, and what tells others how the service is. */
  readonly given: readonly FileEntry[];
  /** Made of what the definition says: for the owner alone if the definition is not for everybody. */
  readonly made: readonly FileEntry[];
}

function longrunFiles(database: Database, id: ServiceId, longrun: Longrun, target: Target): Rendered {
  const run = runScript(database, id, longrun, target);
  const finish = needsFinishScript(longrun, target.backend)
    ? finishScript(database.names[id]!, longrun, target.backend)
    : null;
  const given = authorsFiles(longrun, { run, finish });
  if (target.backend !== 'embedded') {
    given.push(...superviseFiles(longrun, target));
    if (run !== null || finish !== null) given.push(emptyDirectory(STATE_DIRECTORY));
    if (target.backend === 'runit' && locks(longrun)) given.push(lockedFile(LOCK_FILE));
  }
  given.push(...loggerFiles(longrun));
  const made = [flagFile('down'), ...settings(longrun, target)];
  if (run !== null) made.push(script('run', run));
  if (finish !== null) made.push(script('finish', finish));
  return { given, made };
}

/** Under other names where there are generated ones. */
function authorsFiles({ files }: Longrun, generated: Readonly<Record<'run' | 'finish', string[] | null>>): FileEntry[] {
  return files.flatMap((file) => {
    const { path } = file;
    if (path === 'down') return [];
    if (path === 'run' && generated.run !== null) return [executable(file, AUTHORS_RUN)];
    if (path === 'finish' && generated.finish !== null) return [executable(file, AUTHORS_FINISH)];
    return [EXECUTABLE.has(path) ? executable(file) : file];
  });
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
  return backend === 's6' && longrun.lockFd !== null ? [directory, lockedFile('supervise/service-lock')] : [directory];
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
