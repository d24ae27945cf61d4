/** The small files by which a definition tells s6-supervise, and the embedded tree as well, how to treat the service. */
import type { FileEntry, Longrun } from '@muster/core/model/definition';
import { SETTING } from '@muster/store/live/service-files';
import { flagFile, setting } from '../service-directory/file-entry.ts';

export function s6Settings(longrun: Longrun): FileEntry[] {
  const files: FileEntry[] = [];
  const add = (path: string, value: string | number | null) => {
    if (value !== null) files.push(setting(path, value));
  };
  add(SETTING.notificationFd, longrun.notificationFd);
  add(SETTING.lockFd, longrun.lockFd);
  add(SETTING.timeoutKill, longrun.timeoutKill);
  add(SETTING.timeoutFinish, longrun.timeoutFinish);
  add(SETTING.maxDeathTally, longrun.maxDeathTally);
  add(SETTING.downSignal, longrun.downSignal);
  add(SETTING.reloadSignal, longrun.reloadSignal);
  if (longrun.killProcessGroup) files.push(flagFile(SETTING.killProcessGroup));
  if (longrun.newPidNamespace) files.push(flagFile(SETTING.newPidNamespace));
  return files;
}
