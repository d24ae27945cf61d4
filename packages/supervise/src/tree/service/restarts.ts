/** What matters of a service's past for whether, and when, it is started again. All times are milliseconds since the epoch. */
import type { Death } from '../../s6/death-tally.ts';
import type { Status } from '../../s6/status.ts';
import type { Slot } from '../ledger.ts';
import { delayAfter, isOverLimit, type RestartRules } from './restart-policy.ts';

/** Milliseconds. */
const ONE_SECOND = 1000;

export interface DeathFacts {
  readonly at: number;
  /** Milliseconds from its start. */
  readonly lasted: number;
  /** The service was told to stop. */
  readonly isWanted: boolean;
  readonly isSuccess: boolean;
}

export class Restarts {
  #streak = 0;
  #forgiven = 0;
  /** A death that was asked for (restart by hand) is no failure. */
  #isAsked = false;
  /** When it may be started again by s6's rule: a second after it was ready. 0: it was not. */
  #nextStart = 0;

  /** Deaths in a row. */
  get streak(): number {
    return this.#streak;
  }

  /** Deaths before this do not count. */
  get forgiven(): number {
    return this.#forgiven;
  }

  recall({ streak, forgiven }: Pick<Slot, 'streak' | 'forgiven'>): void {
    this.#streak = streak;
    this.#forgiven = forgiven;
  }

  /** It was told to be up: what was before does not count any more. */
  forgive(now: number): void {
    this.#forgiven = now;
    this.#streak = 0;
  }

  /** The death that follows is asked for. */
  ask(): void {
    this.#isAsked = true;
  }

  started(): void {
    this.#isAsked = false;
    this.#nextStart = 0;
  }

  ready(at: number): void {
    this.#nextStart = at + ONE_SECOND;
  }

  /** After a death, which is the last of `deaths`: whether the service is given up. */
  judge(rules: RestartRules, death: DeathFacts, deaths: readonly Death[]): 'goes on' | 'is given up' {
    const isAsked = this.#isAsked || death.isWanted;
    const isOld = rules.delay !== null && death.lasted >= rules.delay.delayMax + ONE_SECOND;
    this.#streak = isAsked || isOld ? 1 : this.#streak + 1;
    if (isAsked) {
      this.#forgiven = death.at;
      return 'goes on';
    }
    // It was forgiven at a time that is still to come: the clock has been set back.
    if (this.#forgiven > death.at) this.#forgiven = 0;
    const counted = deaths.map(({ at }) => at).filter((at) => at > this.#forgiven);
    const isFinal =
      rules.policy === 'never' ||
      (rules.policy === 'on-failure' && death.isSuccess) ||
      (rules.limit !== null && isOverLimit(rules.limit, counted, death.at));
    return isFinal ? 'is given up' : 'goes on';
  }

  /** When a service that is down now is due: not later than if it had died now, though the clock may have been set back. */
  dueAt({ delay }: RestartRules, status: Status, now: number): number {
    if (delay === null) return this.#nextStart > 0 ? Math.min(this.#nextStart, now + ONE_SECOND) : now + ONE_SECOND;
    if (this.#isAsked) return now;
    return Math.min(status.stamp, now) + delayAfter(delay, Math.max(1, this.#streak));
  }
}
