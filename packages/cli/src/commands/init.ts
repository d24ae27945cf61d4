/** rc-init: from a compiled database to a live directory under supervisors. */
import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { clearOutlived } from '@muster/control/open/outlived';
import { compiledTarget, type Target } from '@muster/control/update/target';
import { conditionUnderLease } from '@muster/core/model/condition';
import { type Database, everyService } from '@muster/core/model/database';
import { type Deadline, deadlineIn, timeLeft } from '@muster/posix/deadline';
import { originalEnvironment } from '@muster/posix/environment';
import { until } from '@muster/posix/until';
import type { Backend } from '@muster/store/live/backend';
import { createLive } from '@muster/store/live/create';
import { isInterrupted } from '@muster/store/live/journal';
import { type Live, openLive, outlivedDirectory, type Refused } from '@muster/store/live/open';
import { livePaths } from '@muster/store/live/paths';
import { repairFiles } from '@muster/store/live/repair-files';
import { StateFile } from '@muster/store/live/state';
import { repairServices } from '@muster/supervisors/arrange/repair-services';
import { consumersOf, renderService } from '@muster/supervisors/arrange/services';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import { endStrays, type Stray } from '@muster/supervisors/strays/strays';
import { everySupervisor, supervisorFor, supervisorNamed } from '@muster/supervisors/supervisor-for';
import { untilRead } from '@muster/supervisors/until-read';
import type { Call, Command } from '../arguments/command.ts';
import { compiledPath, livePath } from '../arguments/paths.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { callerOf } from '../caller.ts';
import { formatDuration } from '../duration.ts';
import { EXIT } from '../exit-codes.ts';
import { tell } from '../output.ts';
import { complain, complainAbout, complainAboutObstacles } from '../render/complain.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { tellDifferences } from '../render/told.ts';

const PROGRAM = 'rc-init';
const KINDS = everySupervisor().map(({ name }) => name);
const WITH_SCANDIR = everySupervisor()
  .filter(({ ownsScandir }) => !ownsScandir)
  .map(({ name }) => name)
  .join(' and ');
/** Milliseconds that supervisors have to answer. */
const PATIENCE = 30_000;
/** Milliseconds that a tree has to begin to watch its scandir. */
const MOMENT = 2000;
/** Milliseconds after which a tree is told to look for services once more. */
const SCAN_AGAIN = 1000;
/** Milliseconds that processes without a supervisor have to end. */
const GRACE = 5000;
/** The live directory's files are for everybody to read and for one to write. */
const UMASK = 0o022;

export const command: Command = {
  summary: 'Makes the live directory from a compiled database, with every service down',
  options: {
    compiled: { short: 'c', value: 'FILE', help: 'the compiled database (RC_COMPILED)' },
    live: { short: 'l', value: 'DIR', help: 'the live directory to make (RC_LIVE)' },
    backend: {
      short: 'b',
      value: 'KIND',
      choices: KINDS,
      help: `supervisors: ${KINDS.join(', ')} (default: ${KINDS[0]})`,
    },
    scandir: { value: 'DIR', help: `with ${WITH_SCANDIR}: the running tree's scandir` },
    prefix: { value: 'TEXT', help: `with ${WITH_SCANDIR}: put before services' names in the scandir` },
    'no-keeper': { help: 'nobody starts the tree again when it is killed, until a command changes something' },
    timeout: { short: 't', value: 'TIME', help: `how long supervisors may take to answer (default: 30s)` },
  },
  examples: [
    ['rc-init', 'at boot: compiled -> live, the supervision tree running'],
    ['rc-init -b s6 --scandir /run/service', 'the same under a running s6-svscan'],
  ],
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  const given = timeoutFrom(call);
  if (!given.ok) return wrongUsage(PROGRAM, given.problem);
  const timeout = given.value;
  const limit = timeout ?? PATIENCE;
  const deadline = deadlineIn(timeout);
  const root = resolve(call.value('live') ?? livePath());
  const backend = backendFrom(call, root);
  if (typeof backend === 'string') return wrongUsage(PROGRAM, backend);
  const target = compiledTarget(call.value('compiled') ?? compiledPath());
  if (!target.ok) return complainAboutProblem(PROGRAM, target.problem);
  const compiled = target.value;

  process.umask(UMASK);
  await makeRoom(root);
  const { bytes, database, hash, mode } = compiled;
  const isForgetful = repairFiles(root, {
    hash,
    database: bytes,
    mode,
    services: database.names.length,
    backend,
    kinds: KINDS,
  });
  const live = await openOrMake(root, backend, compiled, deadline);
  if (typeof live === 'number') return live;
  if (call.has('backend') && !isSameBackend(backend, live)) return complainAboutOther(live);
  if (live.generation !== hash) {
    const message = `${root} runs another database than ${compiled.path}: rc-update moves it to this one`;
    return complain(PROGRAM, message, EXIT.failed);
  }
  if (!call.has('no-keeper')) supervisorFor(live).keep(live, process.execPath, process.argv0);
  const status = await supervise(live, database, process.execPath, limit);
  if (isForgetful && status === EXIT.success) wishForWhatIsUp(live, database);
  return status;
}

/** For a new life, where the live directory of an earlier one is left. */
async function makeRoom(root: string): Promise<void> {
  const found = openLive(root);
  if (found.kind === 'refused' || found.outlived === null) return;
  complainAbout({ ...outlivedDirectory(found), severity: 'warning', hint: 'it is made afresh' });
  await clearOutlived(root);
}

/**
 * A live directory with nothing missing, unless it runs another database. A number: an exit code, and what is wrong has
 * been told.
 */
async function openOrMake(root: string, backend: Backend, made: Target, deadline: Deadline): Promise<Live | number> {
  const { database, hash } = made;
  const found = await openUninterrupted(root, deadline);
  if (typeof found === 'number') return found;
  if (found.kind === 'live' && found.generation !== hash) return found;
  if (found.kind === 'refused' && found.diagnostic.code !== 'RC3001') return complainAbout(found.diagnostic);
  const place = found.kind === 'live' ? found : { backend, paths: livePaths(root) };
  const supervisor = supervisorFor(place);
  await until(() => supervisor.isWatching(place.backend.scandir), timeLeft(deadline, MOMENT));
  const obstacles = supervisor.obstacles(place, database, null);
  if (obstacles.length > 0) return complainAboutObstacles(PROGRAM, obstacles);
  if (found.kind === 'live') {
    if (!supervisor.adopts) tellOfStrays(await endStrays(() => supervisor.strays(found.paths), GRACE));
    repairServices(found, database, process.execPath);
    return found;
  }
  createLive(root, newLive(root, made, backend, process.execPath));
  const live = openLive(root);
  return live.kind === 'refused' ? complainAbout(live.diagnostic) : live;
}

function tellOfStrays(strays: readonly Stray[]): void {
  for (const { service, pid } of strays)
    tell(`${PROGRAM}: ${service} (pid ${pid}) had no supervisor any more: ended\n`);
}

async function openUninterrupted(root: string, deadline: Deadline): Promise<Live | Refused | number> {
  const live = openLive(root);
  if (live.kind === 'refused' || !isInterrupted(live.paths)) return live;
  const { recoverInterrupted } = await import('@muster/control/open/update');
  const hindered = await recoverInterrupted(root, { noWait: false, deadline }, callerOf('muster'));
  if (hindered?.kind === 'busy') return complainAboutProblem(PROGRAM, hindered);
  return openLive(root);
}

/** What was wanted is not known any more; what is up was. */
function wishForWhatIsUp(live: Live, database: Database): void {
  const records = new StateFile(live.statePath, database.names.length);
  const supervisor = openSupervisor({ live, database, records });
  for (const service of everyService(database)) {
    const record = records.read(service);
    const isUp = conditionUnderLease(record, supervisor.observe(service)) === 'up';
    if (isUp && record.wanted === 'no') records.wish(service, 'explicit');
  }
  supervisor.close();
  records.close();
}

/** A text: what is wrong with the options. */
function backendFrom(call: Call, root: string): Backend | string {
  const [byDefault] = everySupervisor();
  const kind = call.value('backend') ?? byDefault!.name;
  const supervisor = supervisorNamed(kind);
  const scandir = call.value('scandir');
  if (supervisor === undefined) return `'${kind}' is no kind of supervisor: ${KINDS.join(', ')}`;
  if (supervisor.ownsScandir) {
    if (scandir !== undefined) return `--scandir is for ${WITH_SCANDIR}`;
    return { kind, scandir: livePaths(root).scan, prefix: '' };
  }
  if (scandir === undefined) return `-b ${kind} needs --scandir`;
  const prefix = call.value('prefix') ?? '';
  if (/^\.|[/\n\0]/.test(prefix))
    return `'${prefix}' is no prefix: names in a scandir begin without a dot, and have no slash`;
  return { kind, scandir: resolve(scandir), prefix };
}

function complainAboutOther(live: Live): number {
  const { backend, paths } = live;
  const { kind, scandir, prefix } = backend;
  const where = supervisorFor(live).ownsScandir ? '' : ` in ${scandir}${prefix === '' ? '' : `, prefix ${prefix}`}`;
  const message = `${paths.root} is under ${kind}${where}: rc-shutdown first, to have it elsewhere`;
  return complain(PROGRAM, message, EXIT.failed);
}

function isSameBackend(one: Backend, other: Live): boolean {
  if (one.kind !== other.backend.kind || supervisorFor(other).ownsScandir) return one.kind === other.backend.kind;
  return one.prefix === other.backend.prefix && realPathOf(one.scandir) === realPathOf(other.backend.scandir);
}

function realPathOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

function newLive(root: string, { bytes, database, hash, mode }: Target, backend: Backend, muster: string) {
  const supervisor = supervisorFor({ backend, paths: livePaths(root) });
  const { ownsScandir } = supervisor;
  const target = { supervisor, live: root, muster };
  const services = everyService(database).map((service) => renderService(database, service, target));
  const environment = originalEnvironment();
  return { hash, database: bytes, mode, backend, ownsScandir, environment, services, consumers: consumersOf(database) };
}

/** A tree that has been there before may have to get rid of what had these names, and then looks again only if it is told. */
async function untilAllAnswer(live: Live, database: Database, limit: number) {
  const supervisor = supervisorFor(live);
  const end = performance.now() + limit;
  let silent: readonly string[] = supervisor.controls(live, database);
  for (;;) {
    const left = end - performance.now();
    silent = await untilRead(silent, Math.min(left, SCAN_AGAIN));
    if (silent.length === 0 || left <= SCAN_AGAIN) return silent;
    supervisor.rescan(live.backend, []);
  }
}

async function supervise(live: Live, database: Database, muster: string, limit: number): Promise<number> {
  const { scandir } = live.backend;
  const supervisor = supervisorFor(live);
  if (!supervisor.attach(live, database, muster)) {
    return complain(PROGRAM, `no ${supervisor.program} watches ${scandir}`, EXIT.failed);
  }
  const silent = await untilAllAnswer(live, database, limit);
  if (silent.length === 0) {
    tellDifferences(supervisor.differences(live.paths));
    return EXIT.success;
  }
  const named = silent.slice(0, 5).join(', ');
  const most = supervisor.limits === '' ? '' : `; ${supervisor.limits}`;
  const message = `${silent.length} supervisors did not answer within ${formatDuration(limit)}: ${named}${most}`;
  return complain(PROGRAM, message, EXIT.timedOut);
}
