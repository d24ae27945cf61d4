/** `restart`, `restart-delay`, `restart-limit`: what happens after a longrun dies. */
import {
  ALWAYS,
  parseRestartDelay,
  parseRestartLimit,
  RESTART_POLICIES,
  type RestartDelay,
  type RestartLimit,
  type RestartPolicy,
} from '../model/restart-policy.ts';
import type { DefinitionFiles } from './files.ts';
import { shown } from './numbers.ts';
import { readWord } from './words.ts';

export function readRestartPolicy(files: DefinitionFiles): RestartPolicy {
  const policy = readWord(files, 'restart', RESTART_POLICIES) ?? 'always';
  return { policy, ...readDelay(files), limit: readLimit(files) };
}

function readDelay(files: DefinitionFiles): RestartDelay {
  const text = files.text('restart-delay');
  if (text === null) return { delayMin: ALWAYS.delayMin, delayMax: ALWAYS.delayMax };
  const delay = parseRestartDelay(text.trim());
  if (delay !== null) return delay;
  files.report.add(
    'bad-duration',
    `restart-delay must be milliseconds or a range of them, and it says ${shown(text)}`,
    {
      at: files.place('restart-delay', 1),
      hint: 'write 1000, or 200..60000 to double the delay from the first to the second',
    },
  );
  return { delayMin: ALWAYS.delayMin, delayMax: ALWAYS.delayMax };
}

function readLimit(files: DefinitionFiles): RestartLimit | null {
  const text = files.text('restart-limit');
  if (text === null) return null;
  const limit = parseRestartLimit(text.trim());
  if (limit !== null) return limit;
  files.report.add('bad-duration', `restart-limit must be a number of deaths and a time, and it says ${shown(text)}`, {
    at: files.place('restart-limit', 1),
    hint: 'write 5/60s: after more than 5 deaths within 60 seconds it has failed',
  });
  return null;
}
