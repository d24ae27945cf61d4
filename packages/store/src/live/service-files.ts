/**
 * What may be in a service directory of a live directory, `services/NAME`, and whose it is. This is the one place that has these
 * names. An update replaces what comes out of the definition, removes what nothing knows, and leaves alone what others keep there.
 *
 *     author      from the definition, as it was written
 *     generated   from the definition, written by the rendering (supervisors/service-directory)
 *     tree        the supervisor keeps it: s6-supervise, runsv or the embedded tree, and what is told beside their files
 *     driver      who carries out its life for Muster keeps it: the runner of oneshots, the generated scripts
 */
import { everyLongrunSetting, type LongrunSettingName } from '@muster/core/model/longrun-settings';

export type Owner = 'author' | 'generated' | 'tree' | 'driver';

export const RUN_FILE = 'run';
export const FINISH_FILE = 'finish';
export const READY_CHECK_FILE = 'ready-check';
export const ENVIRONMENT_DIRECTORY = 'env';
export const INSTANCE_FILE = 'instance';
/** The author's, where one is generated around it. */
export const AUTHORS_RUN = 'run.user';
export const AUTHORS_FINISH = 'finish.user';

/** Nothing starts until the engine says so. */
export const DOWN_FILE = 'down';
/** How a supervisor is to treat a longrun, each under the name that it has in the source. */
export const SETTING = {
  ...namesOfSettings(),
  readyCheckInterval: 'ready-check-interval',
  restart: 'restart',
  restartDelay: 'restart-delay',
  restartLimit: 'restart-limit',
  successCodes: 'success-codes',
} as const;

function namesOfSettings() {
  const named = everyLongrunSetting().map(([name, { file }]) => [name, file] as const);
  return Object.fromEntries(named) as Readonly<Record<LongrunSettingName, string>>;
}

/** Scripts that carry out what follows an end that is final; they get the words of `finish`. */
export const SEQUEL_FILES = { failed: SETTING.onFailed, done: SETTING.onDone } as const;

/** For runsv: whether the service is ready, and scripts in place of its signals. */
export const CHECK_FILE = 'check';
export const CONTROL_DIRECTORY = 'control';
/** Of a oneshot: a script, or the words of a command. */
export const UP_FILE = 'up';
export const RELOAD_FILE = 'reload';
export const ARGV_SUFFIX = '.argv';
/** A script of this oneshot may ask a terminal. */
export const CONSOLE_FLAG = 'flag-console';

/** Where s6-supervise, runsv or the embedded tree keeps its files, and listens. */
export const SUPERVISE = 'supervise';
export const CONTROL_FIFO = `${SUPERVISE}/control`;
export const SUPERVISE_LOCK = `${SUPERVISE}/lock`;
export const SUPERVISE_STATUS = `${SUPERVISE}/status`;
export const DEATH_TALLY = `${SUPERVISE}/death_tally`;
/** s6 2.11 takes a lock of this file for `lock-fd`, and does not make it. */
export const SERVICE_LOCK = `${SUPERVISE}/service-lock`;
/** For scripts, what runsv says of its state, and its process; and a FIFO that is read while it lives. */
export const RUNSV_STATE = `${SUPERVISE}/stat`;
export const RUNSV_PID = `${SUPERVISE}/pid`;
export const OK_FIFO = `${SUPERVISE}/ok`;
/** There if the embedded tree gave the service up; or it is done, and this says `done`. */
export const EMBEDDED_FAILED_FILE = `${SUPERVISE}/failed`;
/** Beside runsv's own files, so that whoever watches those sees these too: the pid of the process that is ready, … */
export const READY_FILE = `${SUPERVISE}/muster-ready`;
/** … and the exit code and signal of the last that died, with the number of deaths so far. */
export const EXIT_FILE_OF_RUNIT = `${SUPERVISE}/muster-exit`;
/** Which process a command has had started under a supervisor that forgets it. */
export const DAEMON_FILE = `${SUPERVISE}/muster-daemon`;
/** The embedded tree's own: deaths that `restart-limit` counts, and the pipe of `notification-fd`. */
export const COUNTED_FILE = `${SUPERVISE}/counted`;
export const NOTIFICATION_FIFO = `${SUPERVISE}/notification`;
/** Listeners that s6's own tools leave. */
export const EVENT_DIRECTORY = 'event';

/** How a script of a oneshot runs or ended. Its room is taken when the directory is made. */
export const STATUS_FILE = 'status';
/** Written by the shell around a script of a oneshot. */
export const EXIT_FILE = 'exit';
/** The FIFO through which a script that asks is answered, while it runs. */
export const ANSWER_FIFO = 'answer';
/** What the generated scripts must remember from one run to the next. */
export const STATE_DIRECTORY = '.muster';
/** Why the logger cannot write, for everybody to read, or nothing while it can; and what it had in hand when it ended. */
export const TROUBLE_FILE = `${STATE_DIRECTORY}/trouble`;
export const HELD_FILE = `${STATE_DIRECTORY}/held`;
/** Why a generated `finish` told the supervisor to give up, or `done`; removed by the next start. */
export const FAILED_FILE = `${STATE_DIRECTORY}/failed`;
/** How often in a row it has died before it was ready. */
export const RETRIES_FILE = `${STATE_DIRECTORY}/retries`;
/** When it had been ready before it was started, as `supervise/status` has it. */
export const READY_BEFORE_FILE = `${STATE_DIRECTORY}/ready-before`;
/** When it died lately, and how long the last restart was put off. */
export const DEATHS_FILE = `${STATE_DIRECTORY}/deaths`;
export const DELAY_FILE = `${STATE_DIRECTORY}/delay`;
/** The process group of the last `run`, for the author's `finish`. */
export const PID_FILE = `${STATE_DIRECTORY}/pid`;
/** Where a script takes the lock of `lock-fd`, and listens for a notification, for runit. */
export const LOCK_FILE = `${STATE_DIRECTORY}/lock`;
export const NOTIFY_FIFO = `${STATE_DIRECTORY}/notify`;

const NAMES: Readonly<Record<Owner, readonly string[]>> = {
  author: [
    RUN_FILE,
    FINISH_FILE,
    READY_CHECK_FILE,
    'data',
    ENVIRONMENT_DIRECTORY,
    'template',
    INSTANCE_FILE,
    'instances',
    AUTHORS_RUN,
    AUTHORS_FINISH,
  ],
  generated: [
    DOWN_FILE,
    ...Object.values(SETTING),
    CHECK_FILE,
    CONTROL_DIRECTORY,
    UP_FILE,
    RELOAD_FILE,
    ...[UP_FILE, DOWN_FILE, RELOAD_FILE].map((file) => `${file}${ARGV_SUFFIX}`),
    CONSOLE_FLAG,
  ],
  tree: [SUPERVISE, EVENT_DIRECTORY],
  driver: [STATUS_FILE, `${STATUS_FILE}.new`, EXIT_FILE, ANSWER_FIFO, STATE_DIRECTORY],
};

const OWNERS: ReadonlyMap<string, Owner> = new Map(
  Object.entries(NAMES).flatMap(([owner, names]) => names.map((name) => [name, owner as Owner] as const)),
);

/** Of a path in a service directory: what is in a directory belongs to whom that belongs to. Undefined if nobody knows it. */
export function ownerOf(path: string): Owner | undefined {
  return OWNERS.get(path.split('/', 1)[0]!);
}

/** Somebody keeps it there while the service is up or down, and an update must not touch it once it is there. */
export function isKeptByOthers(path: string): boolean {
  const owner = ownerOf(path);
  return owner === 'tree' || owner === 'driver';
}
