/** Carrying out an update on behalf of a command: progress, signals, and how it ended. */

import { type Lending, lendingOf } from '@muster/control/lending';
import { carryOut, type UpdateResult } from '@muster/control/update/carry-out';
import { wantedAndNotUp } from '@muster/control/update/not-up';
import type { Reporter } from '@muster/control/update/run-plan';
import type { UpdateSite } from '@muster/control/update/site';
import type { Execution } from '@muster/core/execute/executor';
import { isSuccess, type Outcome } from '@muster/core/execute/outcome';
import type { Database, ServiceId } from '@muster/core/model/database';
import type { Deadline } from '@muster/posix/deadline';
import { isInterrupted } from '@muster/store/live/journal';
import type { StagedFile } from '@muster/store/write-file';
import { commandLine } from '../command-line.ts';
import { ownTerminal, pausable, speakerEvents } from '../console.ts';
import { formatDuration } from '../duration.ts';
import { isDamage, isSystemError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { print, tell } from '../output.ts';
import { complain } from '../render/complain.ts';
import { listed, namesOf } from '../render/names.ts';
import { outcomeAsData } from '../render/outcome.ts';
import { jsonProgress, plainProgress } from '../render/progress.ts';
import type { Planned } from './plan.ts';
import type { Target } from './target.ts';

export interface ApplyOptions {
  readonly program: string;
  readonly json: boolean;
  readonly deadline: Deadline;
  /** Replaced, if the update is not undone. */
  readonly compiled?: StagedFile;
}

/** Returns the exit code; everything has been told. */
export async function applyUpdate(
  site: UpdateSite,
  target: Target,
  { plan, document, isSettled }: Planned,
  options: ApplyOptions,
): Promise<number> {
  const began = performance.now();
  const reporter = new CommandReporter(options);
  let result: UpdateResult;
  try {
    result = await carryOut(
      site,
      {
        next: target.database,
        bytes: target.bytes,
        mode: target.mode,
        hash: target.hash,
        plan,
        document,
        command: commandLine(options.program),
        muster: process.execPath,
        deadline: options.deadline,
        ...(options.compiled === undefined ? {} : { compiled: options.compiled }),
      },
      reporter,
    );
  } catch (error) {
    if (isSystemError(error)) return complainAboutError(options.program, site, error, EXIT.systemCall);
    if (isDamage(error)) return complainAboutError(options.program, site, error, EXIT.invalid);
    throw error;
  }
  reporter.end();
  const isDone = result.kind === 'undone' || isSettled === true;
  const notUp = isDone ? [] : wantedAndNotUp(site.live.paths.root);
  const told = { site, target, result, notUp, elapsed: performance.now() - began };
  if (options.json) print(`${JSON.stringify(asData(told, reporter.nextSequence()))}\n`);
  else tell(asText(options.program, told));
  return exitOf(result, notUp);
}

/** Before there is a journal, nothing was done; once there is one, the next command goes on. */
function complainAboutError(program: string, { live }: UpdateSite, error: Error, status: number): number {
  const { root } = live.paths;
  const place = error.message.includes(root) ? error.message : `${error.message} (below ${root})`;
  const state = isInterrupted(live.paths)
    ? 'the update is not complete: call it again, or any other command, once that is seen to'
    : 'nothing was changed';
  return complain(program, `${place}: ${state}`, status);
}

interface Told {
  readonly site: UpdateSite;
  readonly target: Target;
  readonly result: UpdateResult;
  /** What is wanted, and not up. */
  readonly notUp: readonly string[];
  readonly elapsed: number;
}

/** One sequence of events over all phases, and Ctrl-C for whichever is under way. */
class CommandReporter implements Reporter {
  readonly #options: ApplyOptions;
  #current: Execution | undefined;
  #told = false;
  #sequence = 0;
  readonly #interrupt = () => this.#cancel();

  constructor(options: ApplyOptions) {
    this.#options = options;
    process.on('SIGINT', this.#interrupt);
    process.on('SIGTERM', this.#interrupt);
  }

  events(database: Database): Lending {
    const { json } = this.#options;
    const lines = pausable(json ? print : tell);
    const sink = json
      ? jsonProgress(database, lines.write, () => this.nextSequence())
      : plainProgress(database, lines.write);
    return lendingOf(database, { terminal: ownTerminal(), events: speakerEvents(lines) }, sink);
  }

  nextSequence(): number {
    return ++this.#sequence;
  }

  began(execution: Execution): void {
    this.#current = execution;
  }

  end(): void {
    process.off('SIGINT', this.#interrupt);
    process.off('SIGTERM', this.#interrupt);
  }

  #cancel(): void {
    // The first gives up what is under way: stops are undone then. The second leaves at once; the next command sees
    // to the rest.
    if (this.#told) process.exit(EXIT.failed);
    this.#told = true;
    tell(`${this.#options.program}: giving up\n`);
    this.#current?.cancel();
  }
}

function exitOf(result: UpdateResult, notUp: readonly string[]): number {
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

function asText(program: string, { site, target, result, notUp, elapsed }: Told): string {
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
        error === null
          ? `these did not stop: ${listed(down === null ? [] : missed(site.database, down))}`
          : error.message;
      const lines = [`${program}: undone after ${time}: ${cause}`];
      lines.push(
        isSuccess(back)
          ? `${program}: everything is as it was`
          : `${program}: these could not be started again: ${listed(missed(site.database, back))}`,
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

function asData({ site, target, result, notUp }: Told, seq: number) {
  const common = { version: 1, seq, at: new Date().toISOString(), event: 'done', result: result.kind };
  switch (result.kind) {
    case 'updated':
      return {
        ...common,
        generation: target.hash,
        error: result.unplaced?.message ?? null,
        down: namesOf(site.database, result.down.down),
        notUp,
        ...outcomeAsData(target.database, result.up),
      };
    case 'undone':
      return {
        ...common,
        generation: site.live.generation,
        error: result.error?.message ?? null,
        stop: result.down === null ? null : outcomeAsData(site.database, result.down),
        ...outcomeAsData(site.database, result.back),
      };
  }
}
