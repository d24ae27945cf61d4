/** How a change ended, for people. */
import type { Outcome } from '@muster/core/execute/outcome';
import type { Database } from '@muster/core/model/database';
import { formatDuration } from '../duration.ts';
import { listed, namesOf } from './names.ts';
import { refusalText } from './reason.ts';

/** Some lines; `elapsed` in milliseconds. */
export function renderSummary(database: Database, outcome: Outcome, elapsed: number): string {
  const { names } = database;
  const lines = outcome.refused.map((refusal) => `refused  ${refusalText(database, refusal)}`);
  if (outcome.blocked !== null) lines.push(blockedText(names, outcome.blocked));
  if (outcome.left.length > 0) {
    const left = outcome.left.map(({ service }) => service);
    const cause = outcome.end === 'timed-out' ? 'time ran out before' : 'not begun:';
    lines.push(`left     ${cause} ${listed(namesOf(database, left))}`);
  }
  for (const { on, holder } of holdsAwaited(outcome)) lines.push(heldText(names[on]!, holder));
  const counts = [
    [outcome.up.length - outcome.died.length, 'up'],
    [outcome.down.length, 'down'],
    [outcome.reloaded.length, 'reloaded'],
    [outcome.died.length, 'died'],
    [outcome.failed.length, 'failed'],
    [outcome.skipped.length, 'skipped'],
    [outcome.overruled.length, 'overruled'],
  ] as const;
  const parts = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  if (parts.length > 0) lines.push(`${parts.join(', ')} in ${formatDuration(elapsed)}`);
  if (lines.length === 0) lines.push('nothing to do');
  return lines.map((line) => `${line}\n`).join('');
}

/** Each lock once, however many waited for it. */
function holdsAwaited({ awaited }: Outcome): readonly Outcome['awaited'][number][] {
  return [...new Map(awaited.map((wait) => [wait.on, wait])).values()];
}

function heldText(service: string, holder: string | null): string {
  return `busy     ${service} is held by ${holder ?? 'another command'}`;
}

function blockedText(names: readonly string[], blocked: NonNullable<Outcome['blocked']>): string {
  const on = names[blocked.on]!;
  switch (blocked.why) {
    case 'busy':
      return heldText(on, blocked.holder);
    case 'deadlock':
      return `refused  ${on} is being changed by ${blocked.holder ?? 'another command'}, which waits for the script that called this command`;
  }
}
