/** From a compiled database to a live directory under supervisors, with every service down. Can be done again at any point. */
import { existsSync, realpathSync } from 'node:fs';
import { CODES } from '@muster/core/diagnostics/codes';
import { conditionUnderLease } from '@muster/core/model/condition';
import { type Database, everyService, LONGRUN, nameOf } from '@muster/core/model/database';
import { failure, type Result, success } from '@muster/core/result';
import { type Deadline, timeLeft } from '@muster/posix/deadline';
import { originalEnvironment } from '@muster/posix/environment';
import { until } from '@muster/posix/until';
import { userExists } from '@muster/posix/users';
import type { Backend } from '@muster/store/live/backend';
import { createLive } from '@muster/store/live/create';
import { isInterrupted } from '@muster/store/live/journal';
import { type Live, openLive } from '@muster/store/live/open';
import { livePaths } from '@muster/store/live/paths';
import { repairFiles } from '@muster/store/live/repair-files';
import { repairServices } from '@muster/supervisors/arrange/repair-services';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import { endStrays } from '@muster/supervisors/strays/strays';
import type { SupervisionObstacle } from '@muster/supervisors/supervisor-adapter';
import { everySupervisor, supervisorFor } from '@muster/supervisors/supervisor-table';
import { untilRead } from '@muster/supervisors/until-read';
import type { Caller } from './caller.ts';
import { withKeptInstances } from './instances/kept.ts';
import { newLive } from './new-live.ts';
import { clearOutlived } from './open/outlived.ts';
import { type KnownDatabase, withDatabase } from './open/read.ts';
import { type BadDatabase, CANCELLED, type Hindrance, unusable } from './problems.ts';
import { compiledTarget, type Target } from './update/target.ts';

/** Milliseconds that a tree has to begin to watch its scandir. */
const MOMENT = 2000;
/** Milliseconds after which a tree is told to look for services once more. */
const SCAN_AGAIN = 1000;
/** Milliseconds that processes without a supervisor have to end. */
const GRACE = 5000;
/** The live directory's files are for everybody to read and for one to write. */
const UMASK = 0o022;

export interface InitRequest {
  /** The live directory to make. */
  readonly root: string;
  readonly compiled: string;
  readonly backend: Backend;
  /** The directory of instances that are kept over a boot: those are there as well, if what is compiled has their templates. */
  readonly keptInstances?: string;
  /** A live directory that is there under other supervisors will not do. */
  readonly insistsOnBackend: boolean;
  /** By which name the executable starts the tree again when that was killed; null if nobody does. */
  readonly keptAs: string | null;
  /** Milliseconds that supervisors have to answer: since the last of them did, for ten thousand take their time. */
  readonly limit: number;
  /** For everything before that. */
  readonly deadline: Deadline;
}

export interface Initialized extends KnownDatabase {
  readonly live: Live;
}

export type InitProblem =
  | Hindrance
  | BadDatabase
  | { readonly kind: 'obstacles'; readonly obstacles: readonly SupervisionObstacle[] }
  /** What is there is under other supervisors, or runs another database than the one in the file `compiled`. */
  | { readonly kind: 'other-backend'; readonly live: Live; readonly ownsScandir: boolean }
  | { readonly kind: 'other-database'; readonly live: Live; readonly compiled: string }
  /** Nobody watches the scandir: `program` would. */
  | { readonly kind: 'unwatched'; readonly program: string; readonly scandir: string }
  /** These supervisors (their control FIFOs) did not answer within `limit` milliseconds. `most`: what may keep them from it. */
  | { readonly kind: 'silent'; readonly silent: readonly string[]; readonly limit: number; readonly most: string };

/** Sets this process's umask as long as it goes on, which what it starts has too. */
export async function init(request: InitRequest, caller: Caller): Promise<Result<Initialized, InitProblem>> {
  if (caller.signal.aborted) return failure(CANCELLED);
  const target = compiledTarget(request.compiled);
  if (!target.ok) return target;
  const umask = process.umask(UMASK);
  try {
    return await initTo(target.value, request, caller);
  } finally {
    process.umask(umask);
  }
}

async function initTo(target: Target, request: InitRequest, caller: Caller): Promise<Result<Initialized, InitProblem>> {
  const { root, backend, keptAs } = request;
  const { muster } = caller;
  const { bytes, hash, mode } = target;
  await makeRoom(root, caller);
  const kinds = everySupervisor().map(({ name }) => name);
  const isForgetful = repairFiles(root, {
    hash,
    database: bytes,
    mode,
    services: target.database.names.length,
    backend,
    kinds,
  });
  const opened = await openOrMake(target, request, caller);
  if (!opened.ok) return opened;
  const live = opened.value;
  const supervisor = supervisorFor(live);
  if (request.insistsOnBackend && !isSameBackend(backend, live)) {
    return failure({ kind: 'other-backend', live, ownsScandir: supervisor.ownsScandir });
  }
  if (live.generation !== hash) return failure({ kind: 'other-database', live, compiled: target.path });
  const whole = withDatabase(live, target);
  if (!whole.ok) return whole;
  const { database, records } = whole.value;
  records.close();
  if (keptAs !== null) supervisor.keep(live, muster, keptAs);
  const problem = await supervise(live, database, request, caller);
  if (problem !== null) return failure(problem);
  if (isForgetful) wishForWhatIsUp(live);
  return success({ live, hash, database: target.database });
}

/** One unknown user of a service that nobody may start keeps no machine from booting. */
function warnOfUsers(database: Database, { events }: Caller): void {
  for (const service of everyService(database)) {
    if (database.kinds[service] !== LONGRUN) continue;
    const definition = database.definition(service);
    const [name, group] = definition.type === 'longrun' ? (definition.process.user ?? '').split(':') : [];
    if (!name || (group !== undefined && /^[0-9]+$/.test(name)) || userExists(name)) continue;
    events.emit({ event: 'unknown-user', service: nameOf(database, service), user: name });
  }
}

/** For a new life, where the live directory of an earlier one is left. */
async function makeRoom(root: string, { events }: Caller): Promise<void> {
  const found = openLive(root);
  if (!found.ok || found.value.outlived === null) return;
  events.emit({ event: 'clears-outlived', live: found.value, afresh: true });
  await clearOutlived(root);
}

/** A live directory with nothing missing, unless it runs another database. */
async function openOrMake(
  target: Target,
  { root, backend, deadline, keptInstances }: InitRequest,
  caller: Caller,
): Promise<Result<Live, InitProblem>> {
  const { hash } = target;
  const seen = await openUninterrupted(root, deadline, caller);
  if (!seen.ok) return seen;
  const found = seen.value;
  if (found !== null && found.generation !== hash) return success(found);
  const whole = found === null ? null : withDatabase(found, target);
  if (whole?.ok === false) return whole;
  whole?.value.records.close();
  const made = whole === null ? withKeptInstances(target, keptInstances, caller) : null;
  const database = whole?.value.database ?? made?.target.database ?? target.database;
  const place = found ?? { backend, paths: livePaths(root) };
  const supervisor = supervisorFor(place);
  await until(() => supervisor.isWatching(place.backend.scandir), timeLeft(deadline, MOMENT));
  const obstacles = supervisor.obstacles(place, database, null);
  if (obstacles.length > 0) return failure({ kind: 'obstacles', obstacles });
  if (found !== null) {
    if (!supervisor.adopts) {
      const strays = await endStrays(() => supervisor.strays(found.paths), GRACE);
      if (strays.length > 0) caller.events.emit({ event: 'strays-ended', strays });
    }
    repairServices(found, database, caller.muster);
    return success(found);
  }
  if (caller.signal.aborted) return failure(CANCELLED);
  warnOfUsers(database, caller);
  const surrounding = { backend, environment: originalEnvironment(), muster: caller.muster };
  const environments = made?.environments ?? new Map();
  createLive(root, newLive(root, made?.target ?? target, { ...surrounding, environments }));
  const live = openLive(root);
  return live.ok ? live : failure(unusable(live.problem));
}

/** An update that was interrupted is seen to first. Gives null where there is no live directory yet. */
async function openUninterrupted(
  root: string,
  deadline: Deadline,
  caller: Caller,
): Promise<Result<Live | null, InitProblem>> {
  const live = openOrNone(root);
  if (!live.ok || live.value === null || !isInterrupted(live.value.paths)) return live;
  const { recoverInterrupted } = await import('./open/update.ts');
  const hindered = await recoverInterrupted(root, { noWait: false, deadline }, caller);
  return hindered === null || hindered.kind === 'unusable' ? openOrNone(root) : failure(hindered);
}

function openOrNone(root: string): Result<Live | null, InitProblem> {
  const live = openLive(root);
  if (live.ok) return live;
  return live.problem.code === CODES['no-live-directory'] ? success(null) : failure(unusable(live.problem));
}

/** What was wanted is not known any more; what is up was. */
function wishForWhatIsUp(live: Live): void {
  const opened = withDatabase(live);
  if (!opened.ok) return;
  const { database, records } = opened.value;
  const supervisor = openSupervisor({ live, database, records });
  for (const service of everyService(database)) {
    const record = records.read(service);
    const isUp = conditionUnderLease(record, supervisor.observe(service)) === 'up';
    if (isUp && record.wanted === 'no') records.wish(service, 'explicit');
  }
  supervisor.close();
  records.close();
}

function isSameBackend(one: Backend, other: Live): boolean {
  if (one.kind !== other.backend.kind || supervisorFor(other).ownsScandir) return one.kind === other.backend.kind;
  return one.prefix === other.backend.prefix && realPathOf(one.scandir) === realPathOf(other.backend.scandir);
}

function realPathOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

/** Null means every supervisor answers. */
async function supervise(
  live: Live,
  database: Database,
  { limit, deadline }: InitRequest,
  { muster, events, signal }: Caller,
): Promise<InitProblem | null> {
  const { scandir } = live.backend;
  const supervisor = supervisorFor(live);
  if (!supervisor.attach(live, database, muster)) {
    return { kind: 'unwatched', program: supervisor.program, scandir };
  }
  const silent = await untilAllAnswer(live, database, { limit, deadline }, signal);
  if (signal.aborted) return CANCELLED;
  if (silent.length > 0) return { kind: 'silent', silent, limit, most: supervisor.limits };
  const differences = supervisor.differences(live.paths);
  if (differences.length > 0) events.emit({ event: 'tree-differs', differences });
  return null;
}

/** A tree that has been there before may have to get rid of what had these names, and then looks again only if it is told. */
async function untilAllAnswer(
  live: Live,
  database: Database,
  { limit, deadline }: Pick<InitRequest, 'limit' | 'deadline'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const supervisor = supervisorFor(live);
  let end = performance.now() + limit;
  let silent: readonly string[] = supervisor.controls(live, database);
  for (;;) {
    const before = silent.length;
    const left = timeLeft(deadline, end - performance.now());
    silent = await untilRead(silent, Math.min(left, SCAN_AGAIN));
    if (silent.length < before) end = performance.now() + limit;
    const isOver = performance.now() >= Math.min(end, deadline);
    if (silent.length === 0 || isOver || signal.aborted) return silent;
    supervisor.rescan(live.backend, []);
  }
}
