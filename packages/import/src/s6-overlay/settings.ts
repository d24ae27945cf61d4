/** What s6-overlay's variables say. Numbers that are none are taken as if the variable were not set, as there. */

export interface OverlaySettings {
  /** Services and command get the whole environment, and not only what with-contenv gives them. */
  readonly keepEnvironment: boolean;
  /** Of services and command. */
  readonly path: string;
  /** What is put in front of the command. */
  readonly commandPrefix: readonly string[];
  /** A line of words that is executed before anything is read of the image; null: none. */
  readonly hook: string | null;
  /** What a failure in the boot does: 0 nothing, 1 it is said, 2 the container stops. */
  readonly ifBootFails: number;
  readonly waitsForServices: boolean;
  /** Milliseconds for everything to be up; null: as long as it takes. */
  readonly bootLimit: number | null;
  /** Milliseconds for services of services.d to stop. */
  readonly servicesGrace: number;
  /** Milliseconds for each script of cont-finish.d; 0: as long as it takes. */
  readonly finishLimit: number;
  /** Milliseconds for the whole stop, if any variable says something of it; null: none does. */
  readonly grace: number | null;
  /** From 0, errors only; 2, starts and stops too. */
  readonly verbosity: number;
  readonly profile: string | null;
  readonly bundleDirectory: string | null;
}

const PATH_ALWAYS = ['/command', '/usr/bin', '/bin'];
const SERVICES_GRACE = 3000;
const KILL_GRACE = 3000;
const FINISH_LIMIT = 5000;

type Variables = ReadonlyMap<string, string>;

export function overlaySettings(variables: Variables): OverlaySettings {
  const saidAboutStop = ['S6_KILL_GRACETIME', 'S6_SERVICES_GRACETIME'].some(
    (name) => numberOf(variables, name) !== null,
  );
  const servicesGrace = numberOf(variables, 'S6_SERVICES_GRACETIME') ?? SERVICES_GRACE;
  const killGrace = numberOf(variables, 'S6_KILL_GRACETIME') ?? KILL_GRACE;
  return {
    keepEnvironment: isOn(variables, 'S6_KEEP_ENV'),
    path: pathOf(variables.get('PATH')),
    commandPrefix: wordsOf(variables.get('S6_CMD_ARG0')),
    hook: variables.get('S6_STAGE2_HOOK') || null,
    ifBootFails: numberOf(variables, 'S6_BEHAVIOUR_IF_STAGE2_FAILS') ?? 0,
    waitsForServices: isOn(variables, 'S6_CMD_WAIT_FOR_SERVICES'),
    bootLimit: numberOf(variables, 'S6_CMD_WAIT_FOR_SERVICES_MAXTIME') || null,
    servicesGrace,
    finishLimit: numberOf(variables, 'S6_KILL_FINISH_MAXTIME') ?? FINISH_LIMIT,
    grace: saidAboutStop ? servicesGrace + killGrace : null,
    verbosity: numberOf(variables, 'S6_VERBOSITY') ?? 2,
    profile: variables.get('S6_RUNTIME_PROFILE') || null,
    bundleDirectory: variables.get('S6_RUNTIME_BUNDLEDIR') || null,
  };
}

/** Taken, or of no meaning here: there is no race to wait out, no root that is written to, and no directory that has to be made safe. */
const KNOWN: ReadonlySet<string> = new Set([
  'S6_KEEP_ENV',
  'S6_CMD_ARG0',
  'S6_STAGE2_HOOK',
  'S6_BEHAVIOUR_IF_STAGE2_FAILS',
  'S6_CMD_WAIT_FOR_SERVICES',
  'S6_CMD_WAIT_FOR_SERVICES_MAXTIME',
  'S6_SERVICES_GRACETIME',
  'S6_KILL_GRACETIME',
  'S6_KILL_FINISH_MAXTIME',
  'S6_VERBOSITY',
  'S6_LOGGING_SCRIPT',
  'S6_RUNTIME_PROFILE',
  'S6_RUNTIME_BUNDLEDIR',
  'S6_READ_ONLY_ROOT',
  'S6_SERVICES_READYTIME',
  'S6_FIX_ATTRS_HIDDEN',
]);

/** Why others are not taken. */
const NOT_TAKEN: Readonly<Record<string, string>> = {
  S6_SYNC_DISKS: 'file systems are not synced',
  S6_LOGGING: 'what services without a logger write goes to the container’s own output, and rc-log has the last of it',
  S6_CATCHALL_USER: 'what services write is not logged by a process of its own',
  S6_CMD_USE_TERMINAL: 'the command always has the terminal',
  S6_CMD_RECEIVE_SIGNALS:
    'signals that stop end everything in order, the command first; HUP, USR1, USR2 and WINCH are the command’s',
  S6_WAIT_FOR_CLOSING_FD: 'the boot begins at once',
  S6_YES_I_WANT_A_WORLD_WRITABLE_RUN_BECAUSE_KUBERNETES:
    'what others can write is not used: the live directory is elsewhere then',
};

/** One line for each variable that is set and not taken. Those that are set to nothing or 0 ask for nothing. */
export function untakenVariables(variables: Variables): string[] {
  return [...variables]
    .filter(([name, value]) => /^S6_/.test(name) && !KNOWN.has(name) && value !== '' && value !== '0')
    .map(([name]) => `${name}: ${NOT_TAKEN[name] ?? 'it is not a variable that is known here'}`)
    .sort();
}

function numberOf(variables: Variables, name: string): number | null {
  const value = variables.get(name);
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : null;
}

function isOn(variables: Variables, name: string): boolean {
  return (numberOf(variables, name) ?? 0) !== 0;
}

function wordsOf(text: string | undefined): string[] {
  return (text ?? '').split(/[ \t\n]+/).filter(Boolean);
}

/** What is missing comes first. */
function pathOf(path: string | undefined): string {
  const given = path || '/bin';
  const missing = PATH_ALWAYS.filter((directory) => !given.split(':').includes(directory));
  return [...missing, given].join(':');
}
