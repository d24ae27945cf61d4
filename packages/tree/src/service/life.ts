/**
 * The states of a service, and what leads from one to the other.
 *
 *     down ──start──▶ up ──dies──▶ finishing ──▶ down        (`finishing` only if there is a `finish`)
 *       └─────────────────────────────┴── told to exit ──▶ gone
 *
 * What happens is always in this order: the ledger before a process is started, `supervise/status` after anything changed,
 * then the events that tell of it.
 */
import { bootTime } from '@muster/posix/boot-time';
import { processFacts } from '@muster/posix/process';
import { describeRemains, remainsOf, remainsText } from '@muster/protocol/remains';
import type { EventLetter } from '@muster/protocol/s6/control';
import { exitOf, waitStatusOf } from '@muster/protocol/s6/status';
import type { Found } from '../adoption.ts';
import { LATER } from '../processes.ts';
import { Alarm } from './alarm.ts';
import type { Dossier, Dying } from './dossier.ts';
import type { ServiceFiles } from './files.ts';
import { Finish } from './finish.ts';
import type { Inheritance } from './inheritance.ts';
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
  /** The pid of the process that has died last; 0: what it left has been told of. */
  #dead = 0;

  constructor(
    readonly dossier: Dossier,
    readonly streams: StandardStreams,
    /** Called when it has gone. */
    readonly left: () => void,
  ) {
    this.run = new Run(dossier, streams, {
      ready: () => this.#becomeReady(),
      died: (status) => this.#died(status),
    });
    this.#finish = new Finish(dossier, streams, (status) => this.#finished(status));
    this.#nextStart = new Alarm(dossier.host.reactor);
  }

  get state(): LifeState {
    return this.#state;
  }

  begin(): void {
    const { dossier } = this;
    dossier.begin();
    dossier.write('idle');
    dossier.tell('s');
    if (dossier.status.wantUp) this.start();
  }

  resume(inheritance: Inheritance): void {
    const { dossier } = this;
    switch (inheritance.kind) {
      case 'down':
        dossier.announce({ pid: 0, finishing: false, paused: false, ready: true });
        dossier.write('idle');
        this.#scheduleStart();
        return;
      case 'run':
        this.#resumeRun(inheritance.process, inheritance.dying);
        return;
      case 'new run':
        dossier.note({ ...dossier.changeNow(), ready: false, paused: false, finishing: false });
        this.#resumeRun(inheritance.process, null);
        dossier.tell('u');
        return;
      case 'finish':
        this.#resumeFinish(inheritance.process);
        return;
      case 'death':
        dossier.note({ waitStatus: inheritance.waitStatus });
        this.#finishAfter(inheritance.group, dossier.files());
        return;
    }
  }

  /** From down to up. */
  start(): void {
    this.dossier.forgetFailure();
    this.#nextStart.cancel();
    const pid = this.run.start(this.dossier.files());
    if (pid === 'later') {
      this.#nextStart.set(LATER, () => this.start());
      return;
    }
    this.dossier.restarts.started();
    if (typeof pid !== 'number') {
      this.#hasNotStarted(pid);
      return;
    }
    this.#state = 'up';
    this.dossier.announce({ pid, ready: false, ...this.dossier.changeNow(), finishing: false });
    this.dossier.tell('u');
    this.run.expectReadiness();
  }

  /** It is to be up again once the process that runs has ended; if none runs, at its next start. */
  wantUp(): void {
    this.dossier.announce({ wantUp: true });
  }

  /** It is to stay down once the process that runs has ended; if none runs, from now on. */
  wantDown(): void {
    this.#nextStart.cancel();
    this.dossier.announce({ wantUp: false });
  }

  /** A process that runs is asked to stop, and not started again. */
  stop(): void {
    if (this.#state !== 'up') {
      this.wantDown();
      return;
    }
    // The status comes last: who sees it takes it that the process was told, and does not say it again.
    this.run.stop(this.dossier.files());
    this.dossier.announce({ wantUp: false });
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
    this.dossier.close();
    this.#state = 'gone';
  }

  #resumeRun(found: Found, dying: Dying | null): void {
    const { pid, startTime } = found;
    const { dossier } = this;
    this.#state = 'up';
    dossier.announce({ pid, finishing: false });
    if (!this.run.adopt(found, dying)) {
      const facts = processFacts(pid);
      this.#died(facts?.startTime === startTime ? facts.exitStatus : null);
      return;
    }
    if (dossier.status.ready) dossier.restarts.ready(dossier.changedAt);
    else this.run.expectReadinessStill(dossier.files());
  }

  #resumeFinish({ pid, startTime }: Found): void {
    this.#state = 'finishing';
    this.dossier.announce({ pid, finishing: true, ready: false });
    if (this.#finish.adopt(pid, startTime)) this.#finish.limit();
    else this.#finished(null);
  }

  #becomeReady(): void {
    if (this.#state !== 'up' || this.dossier.status.ready) return;
    this.dossier.restarts.ready(bootTime());
    this.dossier.announce({ ready: true, readyStamp: Date.now() });
    this.dossier.tell('U');
  }

  #died(waitStatus: number | null): void {
    if (this.#state !== 'up') return;
    this.run.end();
    const { pid } = this.dossier.status;
    const files = this.dossier.files();
    this.#judgeDeath(waitStatus ?? UNKNOWN_STATUS, files);
    this.#finishAfter(pid, files);
  }

  /** A death like any other, but that there is nothing to clean up after. */
  #hasNotStarted({ exitCode }: NotStarted): void {
    const { dossier } = this;
    dossier.note(dossier.changeNow());
    this.#judgeDeath(waitStatusOf({ code: exitCode, signal: 0 }), dossier.files());
    this.#becomeDown('dD', AFTER_NO_START);
  }

  #judgeDeath(waitStatus: number, files: ServiceFiles): void {
    const { dossier } = this;
    const { restarts, changedAt: began } = dossier;
    const { wantUp } = dossier.status;
    dossier.note({ waitStatus, paused: false, ready: false, ...dossier.changeNow() });
    dossier.addDeath(files);
    const rules = readRestartRules(files, (message) => dossier.warn(message));
    const at = dossier.changedAt;
    const death = { at, lasted: at - began, isWanted: !wantUp, isSuccess: waitStatus === 0 };
    const verdict = restarts.judge(rules, death);
    dossier.keepCounted();
    if (verdict === 'is given up') {
      dossier.noteFailure();
      dossier.tell('O');
    }
  }

  /** `group`: the pid of the process that has died. */
  #finishAfter(group: number, files: ServiceFiles): void {
    this.#startFinish(group, files, 'd');
  }

  /** `events`: to be told when it is known what comes now. */
  #startFinish(group: number, files: ServiceFiles, events: 'd' | ''): void {
    this.#dead = group;
    const pid = files.has('finish') ? this.#finish.start(group) : null;
    if (pid === null) {
      this.#becomeDown(`${events}D`);
      return;
    }
    this.#state = 'finishing';
    this.dossier.announce({ pid: pid === 'later' ? group : pid, finishing: true });
    if (events !== '') this.dossier.tell(events);
    if (pid === 'later') this.#finish.startLater(() => this.#startFinish(group, this.dossier.files(), ''));
    else this.#finish.limit();
  }

  #finished(waitStatus: number | null): void {
    if (this.#state !== 'finishing') return;
    this.#finish.end();
    const exit = waitStatus === null ? null : exitOf(waitStatus);
    if (exit !== null && exit.signal === 0 && exit.code === PERMANENT_FAILURE) {
      this.dossier.noteFailure();
      this.#becomeDown('OD');
    } else {
      this.#becomeDown('D');
    }
  }

  /** `rest`: milliseconds at least until it is started again. */
  #becomeDown(events: string, rest = 0): void {
    const { dossier } = this;
    this.#state = 'down';
    this.#tellOfRemains();
    dossier.host.output?.finish(dossier.name);
    dossier.announce({ pid: 0, finishing: false, ready: true, readyStamp: Date.now() });
    dossier.write('idle');
    for (const event of events) dossier.tell(event as EventLetter);
    if (this.#leaving) this.#go();
    else this.#scheduleStart(rest);
  }

  /** Children that its process did not become, and that `finish` has not ended: s6-supervise leaves them alone too. */
  #tellOfRemains(): void {
    for (const process of remainsOf(this.#dead))
      this.dossier.warn(`left running: ${remainsText(describeRemains(process))}`);
    this.#dead = 0;
  }

  #scheduleStart(rest = 0): void {
    const { dossier } = this;
    if (!dossier.status.wantUp) return;
    const now = bootTime();
    const rules = readRestartRules(dossier.files(), (message) => dossier.warn(message));
    const at = Math.max(dossier.restarts.dueAt(rules, dossier.changedAt, now), now + rest);
    if (at <= now) this.start();
    else this.#nextStart.set(at - now, () => this.start());
  }

  #go(): void {
    this.#nextStart.cancel();
    this.#state = 'gone';
    this.dossier.closeForGood();
    this.left();
  }
}
