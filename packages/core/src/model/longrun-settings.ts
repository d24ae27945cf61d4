/**
 * The plain settings of a longrun, one file of a definition each. This table is all that there is to say of most of them: the
 * compiler reads what it says, the database has them under the names of their files, rc-diff compares and rc-db shows them, and a
 * service directory gets those that a supervisor reads. What is left to write is what a setting does.
 */

/**
 * `number`, `duration` (milliseconds, or with a unit) and `descriptor` (3 or more): null if there is no such file. `signal`: a name in capitals without `SIG`, or a number; null
 * also for one that does not exist, as s6 takes it. `flag`: whether the file is there. `sequel`: `exit`, `exit CODE` or `start NAME`; null for `ignore` and if there is no such file.
 */
type Form = 'number' | 'duration' | 'descriptor' | 'signal' | 'flag' | 'sequel';

/** Who reads the file in a service directory: s6-supervise and the embedded tree, that tree alone, or nobody but scripts. */
type Reader = 's6' | 'embedded' | 'scripts';

interface LongrunSetting {
  readonly file: string;
  readonly form: Form;
  readonly reader: Reader;
}

export const LONGRUN_SETTINGS = {
  notificationFd: { file: 'notification-fd', form: 'descriptor', reader: 's6' },
  lockFd: { file: 'lock-fd', form: 'descriptor', reader: 's6' },
  /** Milliseconds. */
  timeoutKill: { file: 'timeout-kill', form: 'number', reader: 's6' },
  timeoutFinish: { file: 'timeout-finish', form: 'number', reader: 's6' },
  killProcessGroup: { file: 'flag-timeout-killpg', form: 'flag', reader: 's6' },
  /** The signals of a stop go to the process group. */
  stopGroup: { file: 'flag-stop-group', form: 'flag', reader: 'embedded' },
  /** What follows when it has failed for good, and when it is done. */
  onFailed: { file: 'on-failed', form: 'sequel', reader: 'scripts' },
  onDone: { file: 'on-done', form: 'sequel', reader: 'scripts' },
  maxDeathTally: { file: 'max-death-tally', form: 'number', reader: 's6' },
  downSignal: { file: 'down-signal', form: 'signal', reader: 's6' },
  reloadSignal: { file: 'reload-signal', form: 'signal', reader: 's6' },
  newPidNamespace: { file: 'flag-newpidns', form: 'flag', reader: 's6' },
  /** `env/` is loaded into the environment before `run`. */
  loadEnvironment: { file: 'flag-env', form: 'flag', reader: 'scripts' },
  /** Milliseconds that the process must stay alive to count as ready. */
  readyAfter: { file: 'ready-after', form: 'duration', reader: 'embedded' },
  /** Milliseconds that it must live after a death to be counted on. */
  stableAfter: { file: 'stable-after', form: 'duration', reader: 'scripts' },
  /** Deaths in a row before readiness after which it is tried again. */
  startRetries: { file: 'start-retries', form: 'number', reader: 'embedded' },
  /** By which a delay that grows is multiplied at each death. */
  restartDelayFactor: { file: 'restart-delay-factor', form: 'number', reader: 'embedded' },
} as const satisfies Readonly<Record<string, LongrunSetting>>;

export type LongrunSettingName = keyof typeof LONGRUN_SETTINGS;

export type LongrunSettings = PerSetting<{
  readonly number: number | null;
  readonly duration: number | null;
  readonly descriptor: number | null;
  readonly signal: string | null;
  readonly flag: boolean;
  readonly sequel: string | null;
}>;

const ROWS = Object.entries(LONGRUN_SETTINGS) as [LongrunSettingName, LongrunSetting][];

/** In the order of the table. */
export function everyLongrunSetting(): readonly (readonly [LongrunSettingName, LongrunSetting])[] {
  return ROWS;
}

type PerSetting<PerForm extends Readonly<Record<Form, unknown>>> = {
  readonly [Name in LongrunSettingName]: PerForm[(typeof LONGRUN_SETTINGS)[Name]['form']];
};

/** What `make` makes of the file of each setting, by the form that it has. */
export function perLongrunSetting<PerForm extends Readonly<Record<Form, unknown>>>(
  make: {
    readonly [Each in keyof PerForm]: (file: string) => PerForm[Each];
  },
): PerSetting<PerForm> {
  // For each definition: no arrays in between.
  const made: Partial<Record<LongrunSettingName, unknown>> = {};
  for (const [name, { file, form }] of ROWS) made[name] = make[form](file);
  return made as PerSetting<PerForm>;
}
