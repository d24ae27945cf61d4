/**
 * The one door to a live directory: what comes out of it is ours, whole, and paired with its database. Readers take no
 * lock. Whoever changes something opens for changing, and then the database cannot be replaced until it closes.
 */
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { basename, join } from 'node:path';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { explainCode } from '@muster/core/diagnostics/system-errors';
import { failure, type Result, success } from '@muster/core/result';
import { distrustOf, distrustWay } from '../ownership.ts';
import { type Backend, readBackend } from './backend.ts';
import { type Outlived, outlivedBy } from './boot.ts';
import { LockFile } from './lock-file.ts';
import { DATABASE_FILE, INSTANCE_STATE_FILE, INSTANCES_FILE, type LivePaths, livePaths, STATE_FILE } from './paths.ts';
import { damaged, problem } from './problem.ts';

export interface Live {
  readonly paths: LivePaths;
  /** The hash by which the database goes: the name of its directory. */
  readonly generation: string;
  readonly databasePath: string;
  readonly statePath: string;
  readonly instancesPath: string;
  readonly instanceStatePath: string;
  readonly backend: Backend;
  /** Nothing of it runs any more, and what its records say is over. */
  readonly outlived: Outlived | null;
}

export function openLive(root: string): Result<Live> {
  const paths = livePaths(root);
  const stats = statOf(root);
  if (stats === null) return failure(distrustWay(root) ?? noLiveDirectory(root));
  if (!stats.isDirectory()) return failure(notALiveDirectory(root, 'it is not a directory'));
  const foreign = distrustOf(root, stats) ?? distrustWay(root);
  if (foreign !== null) return failure(foreign);
  let link: string;
  let backend: Backend | null;
  try {
    link = readlinkSync(paths.db);
    backend = readBackend(paths.backend);
  } catch (error) {
    return failure(
      notALiveDirectory(root, `rc-init has not made this: ${whatIsWrong(error as NodeJS.ErrnoException)}`),
    );
  }
  if (backend === null) return failure(damaged(paths.backend, 'it does not name a kind of supervisor'));
  const directory = join(root, link);
  return success({
    paths,
    generation: basename(link),
    databasePath: join(directory, DATABASE_FILE),
    statePath: join(directory, STATE_FILE),
    instancesPath: join(directory, INSTANCES_FILE),
    instanceStatePath: join(directory, INSTANCE_STATE_FILE),
    backend,
    outlived: outlivedBy(paths, backend),
  });
}

/** A live directory whose database cannot be replaced until `lock` is closed. */
export interface KeptLive {
  readonly live: Live;
  readonly lock: LockFile;
}

export type ChangeObstacle =
  | { readonly kind: 'unusable'; readonly diagnostic: Diagnostic }
  /** An update is under way. `holder` is its pid, or null if it has just ended. */
  | { readonly kind: 'updating'; readonly holder: number | null };

export function openLiveForChange(root: string): Result<KeptLive, ChangeObstacle> {
  const seen = openLive(root);
  if (!seen.ok) return failure({ kind: 'unusable', diagnostic: seen.problem });
  if (seen.value.outlived !== null) return failure({ kind: 'unusable', diagnostic: outlivedDirectory(seen.value) });
  const lock = new LockFile(seen.value.paths.lock);
  if (!lock.tryKeepDatabase()) {
    const holder = lock.databaseHolder();
    lock.close();
    return failure({ kind: 'updating', holder });
  }
  // The database may have been replaced between the first look and the lock.
  const live = openLive(root);
  if (live.ok) return success({ live: live.value, lock });
  lock.close();
  return failure({ kind: 'unusable', diagnostic: live.problem });
}

/** Whether this is a live directory of ours, however damaged. */
export function isOurLiveDirectory(root: string): boolean {
  const stats = statOf(root);
  if (!stats?.isDirectory() || distrustOf(root, stats) !== null || distrustWay(root) !== null) return false;
  const { databases, services } = livePaths(root);
  return [databases, services].every((directory) => statOf(directory)?.isDirectory());
}

function statOf(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

/** That `live` has outlived what it was made for. */
export function outlivedDirectory({ paths, outlived }: Live): Diagnostic {
  return problem(
    'outlived-live-directory',
    paths.root,
    outlivedText(outlived),
    'rc-init makes it afresh, with everything down',
  );
}

function outlivedText(outlived: Outlived | null): string {
  const life = outlived === 'boot' ? 'an earlier boot' : 'a container, or PID namespace, that has ended';
  return `this live directory is of ${life}: nothing of it runs any more`;
}

function noLiveDirectory(root: string): Diagnostic {
  return problem('no-live-directory', root, 'there is no live directory here', 'rc-init makes it; -l says where it is');
}

function notALiveDirectory(root: string, message: string): Diagnostic {
  return problem('not-a-live-directory', root, message, '-l says where the live directory is');
}

/** With one of the files by which a live directory is known. */
function whatIsWrong({ code, path, message }: NodeJS.ErrnoException): string {
  if (code === undefined || path === undefined) return message;
  const file = basename(path);
  switch (code) {
    case 'ENOENT':
      return `it has no ${file}`;
    case 'EINVAL':
      return `${file} is no symbolic link`;
    default:
      return `${file}: ${explainCode(code)}`;
  }
}
