/** How a step ends that does not succeed: it failed, somebody wants the opposite, or its change ends before it. */
import { entryOf } from '../model/database.ts';
import type { Exit, Observation } from '../model/observation.ts';
import type { FailureCause } from '../model/record.ts';
import { isAtRest } from './attempt.ts';
import type { HeldStep } from './held-step.ts';
import type { UnreadOrder } from './outcome.ts';

/** Milliseconds after which a script that is killed is not waited for any more: its runner has died, or it cannot be killed. */
const UNKILLED = 10_000;

export class Failing {
  readonly #held: HeldStep;

  constructor(held: HeldStep) {
    this.#held = held;
  }

  fail(cause: FailureCause, exit: Exit | null): void {
    const { action } = this.#held.move;
    const seen = this.#held.observe();
    const unread = cause === 'timeout' && action !== 'up' ? this.#takeBack() : null;
    if (unread !== 'withdrawn') this.#write(cause, exit);
    this.#report(cause, exit, seen, unread);
    const goesOn = unread !== 'withdrawn' && this.#held.state.kind === 'moving' && !isAtRest(seen);
    if (goesOn && (action === 'up' || this.#held.isOneshot)) this.#settle();
    else this.#held.miss();
  }

  /** Somebody wants the service down while it starts: there is no point in waiting for it. */
  overrule(by: number): void {
    this.#write('cancelled', null);
    this.#held.context.recorder.overruled(this.#held.move, by);
    this.#settle();
  }

  cancel(): void {
    if (!this.#held.isOneshot) {
      this.abandon('cancelled');
      return;
    }
    const unread = this.#takeBack();
    if (unread === 'withdrawn') this.abandon('cancelled', unread);
    else if (this.#held.mayAsk()) this.#held.orders.kill();
  }

  /** The change ends before this step does. What goes on is left to itself: who looks next will see how it ended. */
  abandon(cause: 'cancelled' | 'timeout', unread: UnreadOrder | null = this.#takeBack()): void {
    if (this.#held.state.kind !== 'settling') {
      const seen = this.#held.observe();
      // Nobody will have seen how a script ended: its record goes on saying so.
      if (seen.kind !== 'oneshot' && unread !== 'withdrawn') this.#write(cause, null);
      this.#report(cause, null, seen, unread);
    }
    this.#held.miss();
  }

  /** The service may have changed since it was told to come to rest. */
  look(): void {
    if (isAtRest(this.#held.observe())) this.#held.miss();
  }

  /**
   * Brings what failed to rest before anybody else may touch it: a longrun not longer than its own stop may take, a script
   * until it is gone, since it is killed if it does not go by itself.
   */
  #settle(): void {
    const { context, service, step, isOneshot, orders } = this.#held;
    const { timeoutUp, timeoutDown } = context.database;
    context.table.enter(step, { kind: 'settling' });
    this.#held.dropLimit();
    const stopping = entryOf(timeoutDown, service) || entryOf(timeoutUp, service);
    this.#held.limit(isOneshot ? UNKILLED : stopping, () => this.#held.miss());
    if (isOneshot) orders.kill();
    else orders.stop();
    this.look();
  }

  #takeBack(): UnreadOrder | null {
    const { state, orders, written } = this.#held;
    if (state.kind !== 'moving') return null;
    const unread = orders.takeBack(this.#held.read().wanted);
    if (unread === 'withdrawn') written.withdraw(state.before);
    return unread;
  }

  /** Only what has begun can have failed. */
  #write(cause: FailureCause, exit: Exit | null): void {
    if (this.#held.state.kind === 'moving') this.#held.written.fail(cause, exit);
  }

  #report(cause: FailureCause, exit: Exit | null, seen: Observation, unread: UnreadOrder | null): void {
    const { service, action } = this.#held.move;
    const { elapsed } = this.#held.written;
    const alive = seen.kind === 'longrun' ? seen.state === 'up' : seen.kind === 'oneshot' && seen.running !== null;
    this.#held.context.recorder.failed({
      service,
      action,
      cause,
      exit,
      elapsed,
      alive,
      ...(unread === null ? {} : { unread }),
      ...(seen.kind === 'unsupervised' && seen.odd !== undefined ? { odd: seen.odd } : {}),
    });
  }
}
