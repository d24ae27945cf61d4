/** rc-init: from a compiled database to a live directory under supervisors. */
import { resolve } from 'node:path';
import { conditionUnderLease } from '@muster/core/model/condition';
import type { Database } from '@muster/core/model/database';
import { originalEnvironment } from '@muster/posix/spawn';
import { BACKENDS, type Backend } from '@muster/store/live/backend';
import { createLive } from '@muster/store/live/create';
import { isInterrupted } from '@muster/store/live/journal';
import { mend } from '@muster/store/live/mend';
import { type Live, openLive } from '@muster/store/live/open';
import { livePaths } from '@muster/store/live/paths';
import { StateFile } from '@muster/store/live/state';
import { controlsOf, join } from '@muster/supervise/arrange/join';
import { obstaclesFor } from '@muster/supervise/arrange/obstacles';
import { repair } from '@muster/supervise/arrange/repair';
import { consumersOf, renderService } from '@muster/supervise/arrange/services';
import { unsupported } from '@muster/supervise/service-directory/unsupported';
import { supervisorOf } from '@muster/supervise/supervisors';
import { untilRead } from '@muster/supervise/until-read';
import type { Call, Command } from '../arguments/command.ts';
import { compiledPath, livePath } from '../arguments/paths.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { formatDuration } from '../duration.ts';
import { EXIT } from '../exit-codes.ts';
import { complain, complainAbout } from '../render/complain.ts';
import { compiledTarget, type Target } from '../update/target.ts';

const PROGRAM = 'rc-init';
/** Milliseconds that supervisors have to answer. */
const PATIENCE = 30_000;
/** The live directory's files are for everybody to read and for one to write. */
const UMASK = 0o022;

export const command: Command = {
  summary: 'Makes the live directory from a compiled database, with every service down',
  options: {
    compiled: { short: 'c', value: 'FILE', help: 'the compiled database (RC_COMPILED)' },
    live: { short: 'l', value: 'DIR', help: 'the live directory to make (RC_LIVE)' },
    backend: { short: 'b', value: 'KIND', help: `supervisors: ${BACKENDS.join(', ')} (default: embedded)` },
    scandir: { value: 'DIR', help: "with s6 and runit: the running tree's scandir" },
    prefix: { value: 'TEXT', help: "with s6 and runit: put before services' names in the scandir" },
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
  const limit = timeoutFrom(call) ?? PATIENCE;
  if (typeof limit === 'string') return wrongUsage(PROGRAM, limit);
  const root = resolve(call.value('live') ?? livePath());
  const backend = backendFrom(call, root);
  if (typeof backend === 'string') return wrongUsage(PROGRAM, backend);
  const compiled = compiledTarget(PROGRAM, call.value('compiled') ?? compiledPath());
  if (typeof compiled === 'number') return compiled;

  process.umask(UMASK);
  const muster = process.execPath;
  const { bytes, database, hash } = compiled;
  const isForgetful = mend(root, { hash, database: bytes, services: database.names.length, backend });
  let live = openLive(root);
  if (live.kind === 'live' && isInterrupted(live.paths)) {
    const { mendInterrupted } = await import('../open/update.ts');
    await mendInterrupted(root);
    live = openLive(root);
  }
  if (live.kind === 'refused' && live.diagnostic.code === 'RC3001') {
    const lacking = complainAboutBackend(compiled.database, backend, root);
    if (lacking !== null) return lacking;
    createLive(root, newLive(root, compiled, backend, muster));
    live = openLive(root);
  } else if (live.kind === 'live' && live.generation === compiled.hash) {
    repair(live, compiled.database, muster);
  }
  if (live.kind === 'refused') return complainAbout(live.diagnostic);
  if (live.generation !== compiled.hash) {
    const message = `${root} runs another database than ${compiled.path}: rc-update moves it to this one`;
    return complain(PROGRAM, message, EXIT.failed);
  }
  const status = await supervise(live, database, muster, limit);
  if (isForgetful && status === EXIT.success) wishForWhatIsUp(live, database);
  return status;
}

/** What was wanted is not known any more; what is up was. */
function wishForWhatIsUp(live: Live, database: Database): void {
  const records = new StateFile(live.statePath, database.names.length);
  const supervisor = supervisorOf({ live, database, records });
  for (const service of database.names.keys()) {
    const record = records.read(service);
    const isUp = conditionUnderLease(record, supervisor.observe(service)) === 'up';
    if (isUp && record.wanted === 'no') records.wish(service, 'explicit');
  }
  supervisor.close();
  records.close();
}

/** A text: what is wrong with the options. */
function backendFrom(call: Call, root: string): Backend | string {
  const name = call.value('backend') ?? 'embedded';
  const kind = BACKENDS.find((known) => known === name);
  const scandir = call.value('scandir');
  if (kind === undefined) return `'${name}' is no kind of supervisor: ${BACKENDS.join(', ')}`;
  if (kind === 'embedded') {
    if (scandir !== undefined) return '--scandir is for s6 and runit';
    return { kind, scandir: livePaths(root).scan, prefix: '' };
  }
  if (scandir === undefined) return `-b ${kind} needs --scandir`;
  return { kind, scandir: resolve(scandir), prefix: call.value('prefix') ?? '' };
}

/** Null if nothing is in the way. */
function complainAboutBackend(database: Database, backend: Backend, root: string): number | null {
  const lacking = unsupported(database, backend.kind);
  for (const { service, feature, wayOut } of lacking) {
    const message = `${database.names[service]}: ${backend.kind} cannot do what ${feature} asks for`;
    complain(PROGRAM, `${message}\n  hint: ${wayOut}`, EXIT.refused);
  }
  const obstacles = obstaclesFor({ backend, paths: livePaths(root) }, database);
  for (const { message, hint } of obstacles) complain(PROGRAM, `${message}\n  hint: ${hint}`, EXIT.failed);
  if (lacking.length > 0) return EXIT.refused;
  return obstacles.length > 0 ? EXIT.failed : null;
}

function newLive(root: string, { bytes, database, hash }: Target, backend: Backend, muster: string) {
  const target = { backend: backend.kind, live: root, muster };
  const services = database.names.map((_, service) => renderService(database, service, target));
  const environment = originalEnvironment();
  return { hash, database: bytes, backend, environment, services, consumers: consumersOf(database) };
}

async function supervise(live: Live, database: Database, muster: string, limit: number): Promise<number> {
  const { kind, scandir } = live.backend;
  if (!join(live, database, muster)) {
    const server = kind === 's6' ? 's6-svscan' : 'runsvdir';
    return complain(PROGRAM, `no ${server} watches ${scandir}`, EXIT.failed);
  }
  const silent = await untilRead(controlsOf(live, database), limit);
  if (silent.length === 0) return EXIT.success;
  const named = silent.slice(0, 5).join(', ');
  const most = kind === 's6' ? '; s6-svscan may watch fewer services: see its -c (-C since 2.12)' : '';
  const message = `${silent.length} supervisors did not answer within ${formatDuration(limit)}: ${named}${most}`;
  return complain(PROGRAM, message, EXIT.timedOut);
}
