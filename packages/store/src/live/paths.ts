/**
 * The live directory: everything that is known about a machine's services while it runs.
 *
 *     lock                 byte ranges are locked (lock-file.ts)
 *     db                   symbolic link to databases/HASH: one rename replaces the database and its records together
 *     databases/HASH/      `database`, a copy of the compiled file, and `state`, a record for each of its services
 *                      beside them, once there are any, `instances` and `instance-state` (instances.ts)
 *     environments/        the variables of those instances, for their owner alone
 *     settling/            what becomes of directories of instances that are made or removed just now
 *     generations          the databases that have been live, the latest last (generations.ts)
 *     backend              which supervisors are driven (backend.ts)
 *     boot                 in which boot and PID namespace it was made (boot.ts)
 *     environment          of the rc-init that made this directory: every tree is started with it
 *     surroundings, differs   limits, rights and the like, likewise (supervisors/embedded/surroundings.ts)
 *     services/NAME/       what the supervisor, or the runner of oneshots, needs to run a service
 *     scan/                the embedded tree's scandir: links to services/NAME
 *     pipes/NAME           the FIFO into the consumer NAME
 *     oneshots/            the runner of oneshots: `control`; with s6 and runit also its own service directory, `service/`
 *     changes/PID          who changes something right now, and for what it waits (changes.ts)
 *     journal              the update that is under way (journal.ts)
 *     staged/              what that update will put in its place (arrangement/arrangement.ts)
 *     events, events.old   the last events (events.ts)
 *     end, booting         of a container: through the FIFO `end` it is ended; `booting` is there until its boot is over
 *     healthy              there exactly while all of the bundle `default` is up and ready (tree/health.ts)
 *     keep, unkept, keeper, away   who starts a killed tree again (supervisors/embedded/keeper.ts)
 *
 * Readers take no lock: they resolve `db` once and open both files below what they found.
 */
import { join } from 'node:path';

export interface LivePaths {
  readonly root: string;
  readonly lock: string;
  readonly db: string;
  readonly databases: string;
  readonly environments: string;
  readonly settling: string;
  readonly generations: string;
  readonly backend: string;
  readonly boot: string;
  readonly environment: string;
  readonly surroundings: string;
  readonly differs: string;
  readonly services: string;
  readonly scan: string;
  readonly pipes: string;
  readonly oneshots: string;
  readonly changes: string;
  readonly journal: string;
  readonly staged: string;
  readonly events: string;
  readonly keep: string;
  readonly keeper: string;
  readonly away: string;
  readonly unkept: string;
  readonly end: string;
  readonly booting: string;
  readonly healthy: string;
}

export function livePaths(root: string): LivePaths {
  return {
    root,
    lock: join(root, 'lock'),
    db: join(root, 'db'),
    databases: join(root, 'databases'),
    environments: join(root, 'environments'),
    settling: join(root, 'settling'),
    generations: join(root, 'generations'),
    backend: join(root, 'backend'),
    boot: join(root, 'boot'),
    environment: join(root, 'environment'),
    surroundings: join(root, 'surroundings'),
    differs: join(root, 'differs'),
    services: join(root, 'services'),
    scan: join(root, 'scan'),
    pipes: join(root, 'pipes'),
    oneshots: join(root, 'oneshots'),
    changes: join(root, 'changes'),
    journal: join(root, 'journal'),
    staged: join(root, 'staged'),
    events: join(root, 'events'),
    keep: join(root, 'keep'),
    keeper: join(root, 'keeper'),
    away: join(root, 'away'),
    unkept: join(root, 'unkept'),
    end: join(root, 'end'),
    booting: join(root, 'booting'),
    healthy: join(root, 'healthy'),
  };
}

/** The names of the files below `databases/HASH`. */
export const DATABASE_FILE = 'database';
export const STATE_FILE = 'state';
export const INSTANCES_FILE = 'instances';
export const INSTANCE_STATE_FILE = 'instance-state';

/** What `db` points to, relative to the live directory. */
export function generationLink(hash: string): string {
  return `databases/${hash}`;
}
