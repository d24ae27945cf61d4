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
 *     restart, …           Muster's own settings, for the embedded tree (../embedded/service-directory.ts)
 *     check, control/…     for runsv (../runit/files.ts)
 *     .muster/             what the generated scripts remember from one run to the next, and loggers (held-lines.ts)
 *     up, up.argv, …       of a oneshot (oneshot-files.ts)
 *
 * What a supervisor cannot do by itself, scripts do; which of them it needs is its shape (shape.ts).
 */
import { type Database, hasFlag, nameOf, type ServiceId } from '@muster/core/model/database';
import type { FileEntry, Longrun } from '@muster/core/model/definition';
import {
  AUTHORS_FINISH,
  AUTHORS_RUN,
  DOWN_FILE,
  FINISH_FILE,
  HELD_FILE,
  READY_CHECK_FILE,
  RUN_FILE,
  TROUBLE_FILE,
} from '@muster/store/live/service-files';
import type { RenderTarget } from '../supervisor-adapter.ts';
import { executable, flagFile, ownersOnly, script } from './file-entry.ts';
import { ONESHOT_STATUS, oneshotFiles } from './oneshot-files.ts';
import { runScript } from './run-script.ts';
import { sequelScripts } from './sequel-scripts.ts';
import type { Shape } from './shape.ts';

const EXECUTABLE: ReadonlySet<string> = new Set([RUN_FILE, FINISH_FILE, READY_CHECK_FILE]);

export interface RenderedLongrun {
  readonly database: Database;
  readonly id: ServiceId;
  readonly longrun: Longrun;
}

/** The entries of `LIVE/services/NAME` for one service, sorted by path. */
export function renderAs(shape: Shape, database: Database, id: ServiceId, target: RenderTarget): FileEntry[] {
  const definition = database.definition(id);
  const { given, made } =
    definition.type === 'longrun'
      ? longrunFiles({ database, id, longrun: definition }, target, shape)
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

function longrunFiles(rendered: RenderedLongrun, target: RenderTarget, shape: Shape): Rendered {
  const { database, id, longrun } = rendered;
  const run = runScript(rendered, target, shape);
  const finish = shape.finish(nameOf(database, id), longrun);
  const kept = shape.kept(longrun, run !== null || finish !== null);
  const given = [...authorsFiles(longrun, { run, finish }), ...kept, ...loggerFiles(longrun)];
  const made = [flagFile(DOWN_FILE), ...shape.settings(longrun), ...sequelScripts(longrun, target)];
  if (run !== null) made.push(script(RUN_FILE, run));
  if (finish !== null) made.push(script(FINISH_FILE, finish));
  return { given, made };
}

/** Under other names where there are generated ones. */
function authorsFiles({ files }: Longrun, generated: Readonly<Record<'run' | 'finish', string[] | null>>): FileEntry[] {
  return files.flatMap((file) => {
    const { path } = file;
    if (path === DOWN_FILE) return [];
    if (path === RUN_FILE && generated.run !== null) return [executable(file, AUTHORS_RUN)];
    if (path === FINISH_FILE && generated.finish !== null) return [executable(file, AUTHORS_FINISH)];
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
