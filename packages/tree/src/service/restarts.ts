/**
 * What matters of a service's past for whether, and when, it is started again. All times are milliseconds since boot: whoever
 * sets the clock changes nothing. What is told to people, in the status and the tally, has dates.
 */
import type { Slot } from '@muster/protocol/children-file';
import { deathsWithin, delayAfter, type RestartRules } from './restart-policy.ts';

/** Milliseconds. */
const ONE_SECOND = 1000;

export interface CountedDeath {
  readonly at: number;
  /** Of the process that died; 0 if there was none, or an older tree has not written it. */
  readonly pid: number;
  /** Of that process: clock ticks after boot, 0 likewise. */
  readonly startTime: number;
}

export interface DeathFacts extends CountedDeath {
  /** Milliseconds from its start. */
  readonly lasted: number;
  /** The service was told to stop. */
  readonly isWanted: boolean;
  /** It ended as it may, and had been ready if it was to be. */
  readonly isSuccess: boolean;
  /** It died before it was ready. */
  readonly isUnready: boolean;
}

export class Restarts {
  #streak = 0;
  #failedStarts = 0;
  /** Deaths that count for `restart-limit`. */
  #counted: readonly CountedDeath[] = [];
  /** The death of a process that was asked to end is no failure, though the service is to be up again by then. */
  #isAsked = false;
  /** When it may be started again by s6's rule: a second after it was ready. 0 if it was not. */
  #nextStart = 0;

  /** Deaths in a row. */
  get streak(): number {
    return this.#streak;
  }

  /** Deaths in a row before readiness. */
  get failedStarts(): number {
    return this.#failedStarts;
  }

  get counted(): readonly CountedDeath[] {
    return this.#counted;
  }

  get isAsked(): boolean {
    return this.#isAsked;
  }

  /**
   * What an earlier life knew. A death that is still to come was in another boot. That of a process which the children file
   * has running was counted by a tree that was killed before it could write there that it was: it will be judged again.
   */
  recall(
    { phase, pid, startTime, streak, failedStarts, asked }: Slot,
    counted: readonly CountedDeath[],
    now: number,
  ): void {
    const isToCome = (death: CountedDeath) =>
      death.at > now || (phase === 'run' && death.pid === pid && death.startTime === startTime);
    this.#streak = streak;
    this.#failedStarts = failedStarts;
    this.#isAsked = asked;
    this.#counted = counted.filter((death) => !isToCome(death));
  }

  /** It was told to be up: what was before does not count any more. */
  forgive(): void {
    this.#counted = [];
    this.#streak = 0;
    this.#failedStarts = 0;
  }

  /** The death that follows is asked for. */
  ask(): void {
    this.#isAsked = true;
  }

  /** Nothing was asked of the process that begins now. */
  starts(): void {
    this.#isAsked = false;
    this.#nextStart = 0;
  }

  ready(at: number): void {
    this.#failedStarts = 0;
    this.#nextStart = at + ONE_SECOND;
  }

  /** After a death: what becomes of the service. */
  judge(rules: RestartRules, death: DeathFacts): 'goes on' | 'is given up' | 'is done' {
    const isAsked = this.#isAsked || death.isWanted;
    const isOld = rules.delay !== null && death.lasted >= rules.delay.delayMax + ONE_SECOND;
    this.#streak = isAsked || isOld ? 1 : this.#streak + 1;
    this.#failedStarts = death.isUnready && !isAsked ? this.#failedStarts + 1 : 0;
    if (isAsked) {
      this.#counted = [];
      return 'goes on';
    }
    this.#counted =
      rules.limit === null
        ? []
        : deathsWithin(
            rules.limit,
            [...this.#counted, { at: death.at, pid: death.pid, startTime: death.startTime }],
            death.at,
          );
    if (rules.policy !== 'always' && death.isSuccess) return 'is done';
    const isFinal =
      rules.policy === 'never' ||
      (rules.limit !== null && this.#counted.length > rules.limit.count) ||
      (rules.retries !== null && this.#failedStarts > rules.retries);
    return isFinal ? 'is given up' : 'goes on';
  }

  /** When a service that has died at `diedAt` and is down now is due. */
  dueAt({ delay, factor }: RestartRules, diedAt: number, now: number): number {
    if (delay === null) return this.#nextStart > 0 ? this.#nextStart : now + ONE_SECOND;
    if (this.#isAsked) return now;
    return diedAt + delayAfter(delay, factor, Math.max(1, this.#streak));
  }
}
