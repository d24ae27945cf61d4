/**
 * The states of a service, and what leads from one to the other.
 *
 *     down ──start──▶ up ──dies──▶ finishing ──▶ down        (`finishing` only if there is a `finish`)
 *       └─────────────────────────────┴── told to exit ──▶ gone
 *
 * What happens is always in this order: the ledger before a process is started, `supervise/status` after anything changed,
 * then the events that tell of it.
 */
import { processFacts } from '@muster/posix/process';
import type { EventLetter } from '../../s6/control.ts';
import { exitOf, waitStatusOf } from '../../s6/status.ts';
import type { Found } from '../adoption.ts';
import { Alarm } from './alarm.ts';
import type { ServiceFiles } from './files.ts';
import { Finish } from './finish.ts';
import type { Inheritance } from './inheritance.ts';
import type { ServiceRecord } from './record.ts';
import { readRestartRules } from './restart-policy.ts';
import { type NotStarted, Run } from './run.ts';
import type { StandardStreams } from './streams.ts';

/** Milliseconds at least. */
const AFTER_NO_START = 1000;

/** The wait status that stands for one which nobody could learn: exit code 255. */
const UNKNOWN_STATUS = 0xff00;
const PERMANENT_FAILURE = 125;

export type LifeState = 'down' | 'up' | 'finishing' | 'gone';

export class ServiceLife {
  readonly run: Run;
  readonly #finish: Finish;
  readonly #nextStart: Alarm;
  #state: LifeState = 'down';
  /** To go, in place of being down the next time. */
  #leaving = false;

  constructor(
    readonly record: ServiceRecord,
    readonly streams: StandardStreams,
    /** Called when it has gone. */
    readonly left: () => void,
  ) {
    this.run = new Run(record, streams, {
      ready: () => this.#becomeReady(),
      died: (status) => this.#died(status),
    });
    this.#finish = new Finish(record, streams, (status) => this.#finished(status));
    this.#nextStart = new Alarm(record.host.reactor);
  }

  get state(): LifeState {
    return this.#state;
  }

  begin(): void {
    const { record } = this;
    record.begin();
    record.write('idle');
    record.tell('s');
    if (record.status.wantUp) this.start();
  }

  resume(inheritance: Inheritance): void {
    const { record } = this;
    switch (inheritance.kind) {
      case 'down':
        record.announce({ pid: 0, finishing: false, paused: false, ready: true });
        record.write('idle');
        this.#scheduleStart();
        return;
      case 'run':
        if (this.#resumeRun(inheritance.process) && inheritance.isDying) this.run.limitDying(record.files());
        return;
      case 'new run':
        record.note({ stamp: Date.now(), ready: false, paused: false, finishing: false });
        this.#resumeRun(inheritance.process);
        record.tell('u');
        return;
      case 'finish':
        this.#resumeFinish(inheritance.process);
        return;
      case 'death':
        record.note({ waitStatus: inheritance.waitStatus });
        this.#finishAfter(inheritance.group, record.files());
        return;
    }
  }

  /** From down to up. */
  start(): void {
    this.record.forgetFailure();
    this.#nextStart.cancel();
    const pid = this.run.start(this.record.files());
    this.record.restarts.started();
    if (typeof pid !== 'number') {
      this.#hasNotStarted(pid);
      return;
    }
    this.#state = 'up';
    this.record.announce({ pid, ready: false, stamp: Date.now(), finishing: false });
    this.record.tell('u');
    this.run.expectReadiness();
  }

  /** It is to be up again once the process that runs has ended; if none runs, at its next start. */
  wantUp(): void {
    this.record.announce({ wantUp: true });
  }

  /** It is to stay down once the process that runs has ended; if none runs, from now on. */
  wantDown(): void {
    this.#nextStart.cancel();
    this.record.announce({ wantUp: false });
  }

  /** A process that runs is asked to stop, and not started again. */
  stop(): void {
    if (this.#state !== 'up') {
      this.wantDown();
      return;
    }
    const files = this.record.files();
    this.record.announce({ wantUp: false });
    this.run.stop(files);
  }

  /** Goes when it is down: at once, if it is. */
  leave(): void {
    if (this.#state === 'down') this.#go();
    else this.#leaving = true;
  }

  /** Lets go of the service without touching its process, whose adoption stays possible. */
  abandon(): void {
    this.#nextStart.cancel();
    this.#finish.end();
    this.run.abandon();
    this.record.close();
    this.#state = 'gone';
  }

  /** False if it has died meanwhile. */
  #resumeRun({ pid, startTime }: Found): boolean {
    const { record } = this;
    this.#state = 'up';
    record.announce({ pid, finishing: false });
    if (!this.run.adopt(pid, startTime)) {
      const facts = processFacts(pid);
      this.#died(facts?.startTime === startTime ? facts.exitStatus : null);
      return false;
    }
    if (record.status.ready) record.restarts.ready(record.status.readyStamp);
    else this.run.expectReadinessStill(record.files());
    return true;
  }

  #resumeFinish({ pid, startTime }: Found): void {
    this.#state = 'finishing';
    this.record.announce({ pid, finishing: true, ready: false });
    if (this.#finish.adopt(pid, startTime)) this.#finish.limit();
    else this.#finished(null);
  }

  #becomeReady(): void {
    if (this.#state !== 'up' || this.record.status.ready) return;
    const now = Date.now();
    this.record.restarts.ready(now);
    this.record.announce({ ready: true, readyStamp: now });
    this.record.tell('U');
  }

  #died(waitStatus: number | null): void {
    if (this.#state !== 'up') return;
    this.run.end();
    const { pid } = this.record.status;
    const files = this.record.files();
    this.#judgeDeath(waitStatus ?? UNKNOWN_STATUS, files);
    this.#finishAfter(pid, files);
  }

  /** A death like any other, but that there is nothing to clean up after. */
  #hasNotStarted({ exitCode }: NotStarted): void {
    const { record } = this;
    record.note({ stamp: Date.now() });
    this.#judgeDeath(waitStatusOf({ code: exitCode, signal: 0 }), record.files());
    this.#becomeDown('dD', AFTER_NO_START);
  }

  #judgeDeath(waitStatus: number, files: ServiceFiles): void {
    const { record } = this;
    const now = Date.now();
    const { stamp, wantUp } = record.status;
    record.note({ waitStatus, paused: false, ready: false, stamp: now });
    record.addDeath(files, now);
    const rules = readRestartRules(files, (message) => record.warn(message));
    const death = { at: now, lasted: now - stamp, isWanted: !wantUp, isSuccess: waitStatus === 0 };
    if (record.restarts.judge(rules, death, record.deaths) === 'is given up') {
      record.noteFailure();
      record.tell('O');
    }
  }

  /** `group`: the pid of the process that has died. */
  #finishAfter(group: number, files: ServiceFiles): void {
    const pid = files.has('finish') ? this.#finish.start(group) : null;
    if (pid === null) {
      this.#becomeDown('dD');
      return;
    }
    this.#state = 'finishing';
    this.record.announce({ pid, finishing: true });
    this.record.tell('d');
    this.#finish.limit();
  }

  #finished(waitStatus: number | null): void {
    if (this.#state !== 'finishing') return;
    this.#finish.end();
    const exit = waitStatus === null ? null : exitOf(waitStatus);
    if (exit !== null && exit.signal === 0 && exit.code === PERMANENT_FAILURE) {
      this.record.noteFailure();
      this.#becomeDown('OD');
    } else {
      this.#becomeDown('D');
    }
  }

  /** `rest`: milliseconds at least until it is started again. */
  #becomeDown(events: string, rest = 0): void {
    const { record } = this;
    this.#state = 'down';
    record.host.output?.finish(record.name);
    record.announce({ pid: 0, finishing: false, ready: true, readyStamp: Date.now() });
    record.write('idle');
    for (const event of events) record.tell(event as EventLetter);
    if (this.#leaving) this.#go();
    else this.#scheduleStart(rest);
  }

  #scheduleStart(rest = 0): void {
    const { record } = this;
    if (!record.status.wantUp) return;
    const now = Date.now();
    const rules = readRestartRules(record.files(), (message) => record.warn(message));
    const at = Math.max(record.restarts.dueAt(rules, record.status, now), now + rest);
    if (at <= now) this.start();
    else this.#nextStart.set(at - now, () => this.start());
  }

  #go(): void {
    this.#nextStart.cancel();
    this.#state = 'gone';
    this.record.closeForGood();
    this.left();
  }
}
