/** The small files by which a definition tells its supervisor how to treat the service. */
import type { FileEntry, Longrun } from '@muster/core/model/definition';
import { ALWAYS, type RestartPolicy } from '@muster/core/model/restart-policy';
import type { BackendKind } from '@muster/store/live/backend';
import { flagFile, setting } from './file-entry.ts';
import { needsFinishScript } from './finish-script.ts';
import { notificationDescriptor } from './readiness.ts';

/** Files that s6-supervise reads, and the embedded tree as well. */
export function s6Settings(longrun: Longrun, backend: BackendKind): FileEntry[] {
  const files: FileEntry[] = [];
  const add = (path: string, value: string | number | null) => {
    if (value !== null) files.push(setting(path, value));
  };
  add('notification-fd', notificationDescriptor(longrun, backend));
  add('lock-fd', longrun.lockFd);
  add('timeout-kill', longrun.timeoutKill);
  // The generated finish limits the author's by itself, and may wait for long afterwards.
  add('timeout-finish', needsFinishScript(longrun, backend) ? 0 : longrun.timeoutFinish);
  add('max-death-tally', longrun.maxDeathTally);
  add('down-signal', longrun.downSignal);
  add('reload-signal', longrun.reloadSignal);
  if (longrun.killProcessGroup) files.push(flagFile('flag-timeout-killpg'));
  if (longrun.newPidNamespace) files.push(flagFile('flag-newpidns'));
  return files;
}

/** Muster's own, under the names and in the form of the source; the embedded tree reads them. Units are milliseconds. */
export function embeddedSettings(longrun: Longrun): FileEntry[] {
  const files: FileEntry[] = [];
  if (longrun.readyCheck !== null) files.push(setting('ready-check-interval', longrun.readyCheck.interval));
  if (longrun.readyAfter !== null) files.push(setting('ready-after', longrun.readyAfter));
  files.push(...restartSettings(longrun.restart));
  return files;
}

function restartSettings({ policy, delayMin, delayMax, limit }: RestartPolicy): FileEntry[] {
  const files: FileEntry[] = [];
  if (policy !== ALWAYS.policy) files.push(setting('restart', policy));
  if (delayMin !== ALWAYS.delayMin || delayMax !== ALWAYS.delayMax) {
    files.push(setting('restart-delay', delayMin === delayMax ? delayMin : `${delayMin}..${delayMax}`));
  }
  if (limit !== null) files.push(setting('restart-limit', `${limit.count}/${limit.window}`));
  return files;
}
