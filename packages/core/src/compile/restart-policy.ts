/** `restart`, `restart-delay`, `restart-limit`: what happens after a longrun dies. */
import { RESTART_POLICIES, type RestartPolicy } from '../model/definition.ts';
import type { DefinitionFiles } from './files.ts';
import { duration, shown } from './numbers.ts';
import { readWord } from './words.ts';

/** As s6 does it: always, one second after the last start at the earliest, without end. */
export const ALWAYS: RestartPolicy = { policy: 'always', delayMin: 1000, delayMax: 1000, limit: null };

export function readRestartPolicy(files: DefinitionFiles): RestartPolicy {
  const policy = readWord(files, 'restart', RESTART_POLICIES) ?? 'always';
  return { policy, ...readDelay(files), limit: readLimit(files) };
}

function readDelay(files: DefinitionFiles): { delayMin: number; delayMax: number } {
  const text = files.text('restart-delay');
  if (text === null) return { delayMin: ALWAYS.delayMin, delayMax: ALWAYS.delayMax };
  const [from, to = from, more] = text.trim().split('..');
  const delayMin = duration(from!);
  const delayMax = duration(to!);
  if (delayMin !== null && delayMax !== null && delayMin <= delayMax && more === undefined)
    return { delayMin, delayMax };
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

function readLimit(files: DefinitionFiles): RestartPolicy['limit'] {
  const text = files.text('restart-limit');
  if (text === null) return null;
  const match = /^([0-9]{1,9})\/([0-9]+(?:ms|s|m|h)?)$/.exec(text.trim());
  const window = match === null ? null : duration(match[2]!);
  if (match !== null && window !== null && window > 0) return { count: Number(match[1]), window };
  files.report.add('bad-duration', `restart-limit must be a number of deaths and a time, and it says ${shown(text)}`, {
    at: files.place('restart-limit', 1),
    hint: 'write 5/60s: after more than 5 deaths within 60 seconds it has failed',
  });
  return null;
}
