/** How an update ended: for people, as data, and as an exit status. */
import type { AppliedUpdate } from '@muster/control/update/apply';
import { isSuccess, type Outcome } from '@muster/core/execute/outcome';
import type { Database, ServiceId } from '@muster/core/model/database';
import { formatDuration } from '../duration.ts';
import { EXIT } from '../exit-codes.ts';
import { listed, namesOf } from './names.ts';
import { outcomeAsData } from './outcome.ts';

export function exitOfUpdate({ result, notUp }: AppliedUpdate): number {
  switch (result.kind) {
    case 'updated':
      if (result.unplaced !== null) return EXIT.systemCall;
      if (result.up.end === 'timed-out') return EXIT.timedOut;
      return isSuccess(result.up) && result.silent.length + notUp.length === 0 ? EXIT.success : EXIT.failed;
    case 'undone':
      if (result.error !== null) return EXIT.systemCall;
      return result.down?.end === 'timed-out' ? EXIT.rolledBackOnTimeout : EXIT.rolledBack;
  }
}

export function renderAppliedUpdate(program: string, applied: AppliedUpdate): string {
  const { before, target, result, notUp, elapsed } = applied;
  const time = formatDuration(elapsed);
  switch (result.kind) {
    case 'updated': {
      const { up, down, silent, unplaced } = result;
      const lines = [`${program}: ${target.hash.slice(0, 12)} is live: ${counted(down, up)} in ${time}`];
      const missing = [...new Set([...missed(target.database, up), ...notUp])];
      if (missing.length > 0) lines.push(`${program}: not up: ${listed(missing)}`);
      if (up.died.length > 0)
        lines.push(`${program}: up, and dead since: ${listed(namesOf(target.database, idsOf(up.died)))}`);
      if (unplaced !== null) lines.push(`${program}: but the next boot begins with an older one: ${unplaced.message}`);
      if (silent.length > 0) lines.push(`${program}: these supervisors do not answer: ${listed(silent)}`);
      return lines.map((line) => `${line}\n`).join('');
    }
    case 'undone': {
      const { down, back, error } = result;
      const cause =
        error === null ? `these did not stop: ${listed(down === null ? [] : missed(before, down))}` : error.message;
      const lines = [`${program}: undone after ${time}: ${cause}`];
      lines.push(
        isSuccess(back)
          ? `${program}: everything is as it was`
          : `${program}: these could not be started again: ${listed(missed(before, back))}`,
      );
      if (back.end === 'timed-out')
        lines.push(`${program}: undoing it is not complete: call it again, or any other command`);
      return lines.map((line) => `${line}\n`).join('');
    }
  }
}

function counted(down: Outcome, up: Outcome): string {
  const parts = [
    [down.down.length, 'stopped'],
    [up.up.length, 'started'],
    [up.reloaded.length, 'reloaded'],
    [up.failed.length, 'failed'],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, verb]) => `${count} ${verb}`);
  return told.length === 0 ? 'nothing had to move' : told.join(', ');
}

function missed(database: Database, { failed, skipped, overruled, left }: Outcome): string[] {
  return namesOf(database, [...new Set(idsOf([...failed, ...skipped, ...overruled, ...left]))]);
}

function idsOf(entries: readonly { readonly service: ServiceId }[]): ServiceId[] {
  return entries.map(({ service }) => service);
}

/** The last line of `--json`, after `seq` - 1 events. */
export function appliedUpdateAsData({ live, before, target, result, notUp }: AppliedUpdate, seq: number) {
  const common = { version: 1, seq, at: new Date().toISOString(), event: 'done', result: result.kind };
  switch (result.kind) {
    case 'updated':
      return {
        ...common,
        generation: target.hash,
        error: result.unplaced?.message ?? null,
        down: namesOf(before, result.down.down),
        notUp,
        ...outcomeAsData(target.database, result.up),
      };
    case 'undone':
      return {
        ...common,
        generation: live.generation,
        error: result.error?.message ?? null,
        stop: result.down === null ? null : outcomeAsData(before, result.down),
        ...outcomeAsData(before, result.back),
      };
  }
}
