/** In which file of a definition each setting stands, and how it is written there. A setting that is one file is a row here. */
import { KNOWN_FILES } from '@muster/core/compile/known-files';
import type { ImportedSettings } from '../model/service.ts';

export type SettingKey = keyof ImportedSettings;

interface SettingFile<T> {
  readonly file: string;
  /** What stands in it. */
  text(value: T): string;
  /** It is executed. */
  readonly isScript?: true;
}

type SettingFiles = { readonly [Name in SettingKey]: SettingFile<ImportedSettings[Name]> };

const line = (file: string): SettingFile<string | number> => ({ file, text: (value) => `${value}\n` });
const lines = (file: string): SettingFile<readonly string[]> => ({
  file,
  text: (values) => values.map((value) => `${value}\n`).join(''),
});
const flag = (file: string): SettingFile<true> => ({ file, text: () => '' });
const script = (file: string): SettingFile<string> => ({ file, text: (text) => text, isScript: true });

export const SETTING_FILES: SettingFiles = {
  user: line('user'),
  groups: lines('supplementary-groups'),
  workingDirectory: line('working-directory'),
  umask: { file: 'umask', text: (umask) => `${umask.toString(8).padStart(3, '0')}\n` },
  nice: line('nice'),
  limits: { file: 'limits', text: (limits) => limits.map((limit) => `${limit.join(' ')}\n`).join('') },
  readyAfter: line('ready-after'),
  notificationFd: line('notification-fd'),
  notify: line('notify'),
  readyCheck: script('ready-check'),
  readyCheckInterval: line('ready-check-interval'),
  restart: line('restart'),
  restartDelay: line('restart-delay'),
  restartLimit: line('restart-limit'),
  startRetries: line('start-retries'),
  stableAfter: line('stable-after'),
  successCodes: lines('success-codes'),
  downSignal: line('down-signal'),
  reloadSignal: line('reload-signal'),
  timeoutKill: line('timeout-kill'),
  timeoutFinish: line('timeout-finish'),
  timeoutUp: line('timeout-up'),
  timeoutDown: line('timeout-down'),
  killGroup: flag('flag-timeout-killpg'),
  stopGroup: flag('flag-stop-group'),
  killLeftovers: line('kill-leftovers'),
  pidFile: line('pid-file'),
  onFailed: line('on-failed'),
  onDone: line('on-done'),
  supervisorName: line('supervisor-name'),
  conditions: script('condition'),
  listen: lines('listen'),
  check: lines('check'),
  schedule: lines('schedule'),
  on: lines('on'),
  prepare: script('prepare'),
  stop: script('stop'),
  finish: script('finish'),
  reload: script('reload'),
};

/** Those that the script of a oneshot does for itself. */
const IN_SCRIPT: ReadonlySet<SettingKey> = new Set(['user', 'groups', 'workingDirectory', 'umask', 'nice']);

export function isInScript(setting: SettingKey, kind: 'longrun' | 'oneshot'): boolean {
  return kind === 'oneshot' && IN_SCRIPT.has(setting);
}

/** Whether a definition of this kind can have the setting. */
export function canHave(setting: SettingKey, kind: 'longrun' | 'oneshot'): boolean {
  return KNOWN_FILES.get(SETTING_FILES[setting].file)?.[kind] === true;
}
