/** Which ends of a longrun are allowed, for the embedded tree, and where scripts carry that out for who looks at its service. */
import type { FileEntry } from '@muster/core/model/definition';
import { ALWAYS, isUsualSuccess, type RestartPolicy } from '@muster/core/model/restart-policy';
import { SETTING } from '@muster/store/live/service-files';
import { setting } from './file-entry.ts';

export function endSettings(restart: RestartPolicy): FileEntry[] {
  const files: FileEntry[] = [];
  if (restart.policy !== ALWAYS.policy) files.push(setting(SETTING.restart, restart.policy));
  if (!isUsualSuccess(restart)) files.push(setting(SETTING.successCodes, restart.successCodes.join(' ')));
  return files;
}
