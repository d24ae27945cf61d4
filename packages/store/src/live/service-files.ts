/**
 * What may be in a service directory of a live directory, `services/NAME`, and whose it is. An update replaces what comes out
 * of the definition, removes what nothing knows, and leaves alone what others keep there.
 *
 *     author      from the definition, as it was written
 *     generated   from the definition, written by the rendering (supervisors/service-directory)
 *     tree        the supervisor keeps it: s6-supervise, runsv or the embedded tree, and what is told beside their files
 *     driver      who carries out its life for Muster keeps it: the runner of oneshots, the generated scripts
 */
export type Owner = 'author' | 'generated' | 'tree' | 'driver';

/** How a script of a oneshot runs or ended. Its room is taken when the directory is made. */
export const STATUS_FILE = 'status';
/** Written by the shell around a script of a oneshot. */
export const EXIT_FILE = 'exit';
/** The FIFO through which a script that asks is answered, while it runs. */
export const ANSWER_FIFO = 'answer';
/** What the generated scripts must remember from one run to the next. */
export const STATE_DIRECTORY = '.muster';
/** Why the logger cannot write, for everybody to read, or nothing while it can; and what it had in hand when it ended. */
export const TROUBLE_FILE = '.muster/trouble';
export const HELD_FILE = '.muster/held';
/** There if the embedded tree gave the service up. */
export const EMBEDDED_FAILED_FILE = 'supervise/failed';
/** The author's, where one is generated around it. */
export const AUTHORS_RUN = 'run.user';
export const AUTHORS_FINISH = 'finish.user';

const NAMES: Readonly<Record<Owner, readonly string[]>> = {
  author: [
    'run',
    'finish',
    'ready-check',
    'data',
    'env',
    'template',
    'instance',
    'instances',
    AUTHORS_RUN,
    AUTHORS_FINISH,
  ],
  generated: [
    'down',
    'notification-fd',
    'lock-fd',
    'timeout-kill',
    'timeout-finish',
    'max-death-tally',
    'down-signal',
    'reload-signal',
    'flag-timeout-killpg',
    'flag-newpidns',
    'ready-check-interval',
    'ready-after',
    'restart',
    'restart-delay',
    'restart-limit',
    'check',
    'control',
    'up',
    'up.argv',
    'down.argv',
    'reload',
    'reload.argv',
    'flag-console',
  ],
  tree: ['supervise', 'event'],
  driver: [STATUS_FILE, `${STATUS_FILE}.new`, EXIT_FILE, ANSWER_FIFO, STATE_DIRECTORY],
};

const OWNERS: ReadonlyMap<string, Owner> = new Map(
  Object.entries(NAMES).flatMap(([owner, names]) => names.map((name) => [name, owner as Owner] as const)),
);

/** Of a path in a service directory: what is in a directory belongs to whom that belongs to. Undefined: nobody knows it. */
export function ownerOf(path: string): Owner | undefined {
  return OWNERS.get(path.split('/', 1)[0]!);
}

/** Somebody keeps it there while the service is up or down, and an update must not touch it once it is there. */
export function isKeptByOthers(path: string): boolean {
  const owner = ownerOf(path);
  return owner === 'tree' || owner === 'driver';
}
