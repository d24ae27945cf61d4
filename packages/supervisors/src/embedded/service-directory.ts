/**
 * A longrun's directory under the embedded tree, which carries out restart policies, readiness rules and signals by itself: the
 * generated `run` exists only for pipes, environments and process attributes. Units are milliseconds.
 */
import type { FileEntry, Longrun } from '@muster/core/model/definition';
import { ALWAYS, type RestartPolicy } from '@muster/core/model/restart-policy';
import { SETTING } from '@muster/store/live/service-files';
import { endSettings } from '../service-directory/end-settings.ts';
import { setting } from '../service-directory/file-entry.ts';
import { renderAs } from '../service-directory/render.ts';
import { settingFiles } from '../service-directory/settings.ts';
import type { Shape } from '../service-directory/shape.ts';
import type { SupervisorAdapter } from '../supervisor-adapter.ts';

const SHAPE: Shape = {
  begin: () => [],
  awaitReadiness: () => [],
  isolation: null,
  finish: () => null,
  kept: () => [],
  settings: (longrun) => [...settingFiles(longrun, 'embedded'), ...ownSettings(longrun)],
};

export const render: SupervisorAdapter['render'] = (...words) => renderAs(SHAPE, ...words);

/** Muster's own, under the names and in the form of the source. */
function ownSettings({ readyCheck, restart }: Longrun): FileEntry[] {
  const files = restartSettings(restart);
  if (readyCheck !== null) files.push(setting(SETTING.readyCheckInterval, readyCheck.interval));
  return files;
}

function restartSettings(restart: RestartPolicy): FileEntry[] {
  const { delayMin, delayMax, limit } = restart;
  const files = endSettings(restart);
  if (delayMin !== ALWAYS.delayMin || delayMax !== ALWAYS.delayMax) {
    files.push(setting(SETTING.restartDelay, delayMin === delayMax ? delayMin : `${delayMin}..${delayMax}`));
  }
  if (limit !== null) files.push(setting(SETTING.restartLimit, `${limit.count}/${limit.window}`));
  return files;
}
