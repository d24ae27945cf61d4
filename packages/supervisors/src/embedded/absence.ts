/** That the embedded tree is away: since when, and who has it back. */
import { readFileSync, statSync } from 'node:fs';
import { readRegularText } from '@muster/posix/regular-file';
import { hasKeeper, isKept } from '@muster/protocol/keeper';
import type { Live } from '@muster/store/live/open';
import type { LivePaths } from '@muster/store/live/paths';
import type { TreeAbsence } from '../supervisor-adapter.ts';
import { isTreeRunning } from './start.ts';

/** Null if it runs, as far as this user can see. */
export function absenceOfTree({ backend, paths }: Live): TreeAbsence | null {
  const stats = statSync(paths.away, { throwIfNoEntry: false });
  if (isTreeRunning(backend.scandir) && (stats === undefined || process.getuid!() === 0)) return null;
  const { at, why } = stats === undefined ? { at: null, why: '' } : keepersWord(paths);
  const since = stats === undefined ? null : stats.mtimeMs;
  const age = at === null ? null : Math.max(0, uptime() - at);
  if (why !== '') return { since, age, keeper: 'given up', why };
  return { since, age, keeper: isKept(paths) && hasKeeper(paths) ? 'starts it again' : 'none', why };
}

/** When its keeper saw the tree go (milliseconds, as /proc/uptime counts them), and why it has given up. */
function keepersWord(paths: LivePaths): { readonly at: number | null; readonly why: string } {
  // Of an older keeper the time is missing.
  const [, at, why] = /^(\d+\.\d+)? ?(.*)$/s.exec(readRegularText(paths.away))!;
  return { at: at === undefined ? null : Number(at) * 1000, why: why!.trim() };
}

/** Milliseconds. A container may have its own, so it is not the time since boot. */
function uptime(): number {
  return Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 1000;
}
