/**
 * The states of a service, and what leads from one to the other.
 *
 *     down ──start──▶ up ──dies──▶ finishing ──▶ down        (`finishing` only if there is a `finish`)
 *       └─────────────────────────────┴── told to exit ──▶ gone
 *
 * What happens is always in this order: the children file before a process is started, `supervise/status` after anything
 * changed, then the events that tell of it.
 */
import { invariant } from '@muster/core/invariant';
import { remainsText } from '@muster/protocol/remains';
import type { EventLetter } from '@muster/protocol/s6/control';
import { exitOf, waitStatusOf } from '@muster/protocol/s6/status';
import { isSuccess } from '@muster/protocol/success-codes';
import { FINISH_FILE } from '@muster/store/live/service-files';
import type { Found } from '../adoption.ts';
import { LATER } from '../processes.ts';
import type { ServiceFiles } from './files.ts';
import { Finish } from './finish.ts';
import type { Inheritance } from './inheritance.ts';
import { isReadinessAwaited } from './readiness.ts';
import { ResettableTimer } from './resettable-timer.ts';
import { readRestartRules } from './restart-policy.ts';
import { type NotStarted, Run } from './run.ts';
import { beginSequel, type FinalEnd } from './sequel.ts';
import type { StandardStreams } from './streams.ts';
import type { Dying, SupervisedService } from './supervised-service.ts';

/** Milliseconds at least. */
const AFTER_NO_START = 1000;

/** The wait status that stands for one which nobody could learn: exit code 255. */
const UNKNOWN_STATUS = 0xff00;
const PERMANENT_FAILURE = 125;

interface HowItDied {
  /** Before it was ready, or had begun. */
  readonly isUnready: boolean;
  /** Somebody knows how it ended. */
  readonly isKnown: boolean;
}

export type LifeState = 'down' | 'up' | 'finishing' | 'gone';

/** By the state before. A start that fails leads from down to down; and what the last life left may be finishing. */
const MOVES: Readonly<Record<LifeState, readonly LifeState[]>> = {
  down: ['down', 'up', 'finishing', 'gone'],
  up: ['finishing', 'down', 'gone'],
  // Again, if there was no process for it.
  finishing: ['finishing', 'down', 'gone'],
  gone: [],
};

export class ServiceLife {
  readonly run: Run;
  readonly #finish: Finish;
  readonly #nextStart: ResettableTimer;
  #state: LifeState = 'down';
  /** To go, in place of being down the next time. */
  #leaving = false;
  /** The pid of the process that has died last; 0 if what it left has been told of. */
  #dead = 0;
  /** It has ended for good, and what follows that has not begun. */
  #finalEnd: FinalEnd | null = null;

  constructor(
    readonly service: SupervisedService,
    readonly streams: StandardStreams,
    /** Called when it has gone. */
    readonly left: () => void,
  ) {
    this.run = new Run(service, streams, {
      ready: () => this.#becomeReady(),
      died: (status) => this.#died(status),
    });
    this.#finish = new Finish(service, streams, (status) => this.#finished(status));
    this.#nextStart = new ResettableTimer(service.host.reactor);
  }

  get state(): LifeState {
    return this.#state;
  }

  begin(): void {
    const { service } = this;
    service.begin();
    service.write('idle');
    service.emit('s');
    if (service.status.wantUp) this.start();
  }

  resume(inheritance: Inheritance): void {
    const { service } = this;
    switch (inheritance.kind) {
      case 'down':
        service.announce({ pid: 0, finishing: false, paused: false, ready: true });
        service.write('idle');
        this.#scheduleStart();
        return;
      case 'run':
        this.#resumeRun(inheritance.process, inheritance.dying);
        return;
      case 'new run':
        service.note(service.changeNow());
        this.#resumeUntoldRun(inheritance.process, null);
        return;
      case 'finish':
        this.#resumeFinish(inheritance.process);
        return;
      case 'death':
        service.note({ waitStatus: inheritance.waitStatus });
        this.#finishAfter(inheritance.group, service.files());
        return;
    }
  }

  /** From down to up. */
  start(): void {
    invariant(this.#state === 'down', () => `started while ${this.#state}`);
    this.service.forgetEnd();
    this.#nextStart.cancel();
    this.service.restarts.starts();
    const pid = this.run.start(this.service.files());
    if (pid === 'later') {
      this.#nextStart.set(LATER, () => this.start());
      return;
    }
    if (typeof pid !== 'number') {
      this.#hasNotStarted(pid);
      return;
    }
    this.#move('up');
    this.service.announce({ pid, ready: false, ...this.service.changeNow(), finishing: false });
    this.service.emit('u');
    this.run.expectReadiness();
  }

  /** It is to be up again once the process that runs has ended; if none runs, at its next start. */
  wantUp(): void {
    this.service.announce({ wantUp: true });
  }

  /** It is to stay down once the process that runs has ended; if none runs, from now on. */
  wantDown(): void {
    this.#nextStart.cancel();
    this.service.announce({ wantUp: false });
  }

  /** A process that runs is asked to stop, and not started again. */
  stop(): void {
    if (this.#state !== 'up') {
      this.wantDown();
      return;
    }
    // The status comes last: who sees it takes it that the process was told, and does not say it again.
    this.run.stop(this.service.files());
    this.service.announce({ wantUp: false });
  }

  /** Goes when it is down: at once, if it is. */
  leave(): void {
    if (this.#state === 'down') this.#go();
    else this.#leaving = true;
  }

  /** Lets go of the service without touching its process, whose adoption stays possible. */
  abandon(): void {
    if (this.#state === 'gone') return;
    this.#nextStart.cancel();
    this.#finish.end();
    this.run.abandon();
    this.service.close();
    this.#move('gone');
  }

  #resumeRun(found: Found, dying: Dying | null): void {
    const { service } = this;
    if (service.status.pid === found.pid) {
      service.announce({ finishing: false });
      this.#adoptRun(found, dying);
    } else {
      // The status is still the one from before its start.
      service.note({ stamp: service.host.system.clock.wallTime() });
      this.#resumeUntoldRun(found, dying);
    }
  }

  /** Of a start that nobody was told of yet. */
  #resumeUntoldRun(found: Found, dying: Dying | null): void {
    this.service.announce({ pid: found.pid, ready: false, paused: false, finishing: false });
    this.service.emit('u');
    this.#adoptRun(found, dying);
  }

  #adoptRun(found: Found, dying: Dying | null): void {
    const { pid, startTime } = found;
    const { service } = this;
    this.#move('up');
    if (!this.run.adopt(found, dying)) {
      const facts = service.host.system.processes.processFacts(pid);
      this.#died(facts?.startTime === startTime ? facts.exitStatus : null);
      return;
    }
    if (service.status.ready) service.restarts.ready(service.changedAt);
    else this.run.expectReadinessStill(service.files());
  }

  #resumeFinish({ pid, startTime }: Found): void {
    this.#move('finishing');
    this.service.announce({ pid, finishing: true, ready: false });
    if (this.#finish.adopt(pid, startTime)) this.#finish.limit();
    else this.#finished(null);
  }

  #move(to: LifeState): void {
    invariant(MOVES[this.#state].includes(to), () => `from ${this.#state} to ${to}`);
    this.#state = to;
  }

  #becomeReady(): void {
    if (this.#state !== 'up' || this.service.status.ready) return;
    const { clock } = this.service.host.system;
    this.service.restarts.ready(clock.bootTime());
    this.service.announce({ ready: true, readyStamp: clock.wallTime() });
    this.service.emit('U');
  }

  #died(waitStatus: number | null): void {
    if (this.#state !== 'up') return;
    this.run.end();
    const { pid, ready } = this.service.status;
    const files = this.service.files();
    const isUnready = isReadinessAwaited(files) && !ready;
    this.#judgeDeath(waitStatus ?? UNKNOWN_STATUS, files, { isUnready, isKnown: waitStatus !== null });
    this.#finishAfter(pid, files);
  }

  /** A death like any other, but that there is nothing to clean up after. */
  #hasNotStarted({ exitCode }: NotStarted): void {
    const { service } = this;
    service.note(service.changeNow());
    this.#judgeDeath(waitStatusOf({ code: exitCode, signal: 0 }), service.files(), { isUnready: true, isKnown: true });
    this.#becomeDown('dD', AFTER_NO_START);
  }

  #judgeDeath(waitStatus: number, files: ServiceFiles, how: HowItDied): void {
    const { service } = this;
    const { restarts, changedAt: began } = service;
    const { wantUp, pid } = service.status;
    service.note({ waitStatus, paused: false, ready: false, ...service.changeNow() });
    service.addDeath(files);
    const rules = readRestartRules(files, (message) => service.warn(message));
    const at = service.changedAt;
    const startTime = pid === 0 ? 0 : this.run.startTime;
    const { isUnready } = how;
    const isDone = how.isKnown && !isUnready && isSuccess(rules.successCodes, exitOf(waitStatus));
    const death = { at, pid, startTime, lasted: at - began, isWanted: !wantUp, isSuccess: isDone, isUnready };
    const verdict = restarts.judge(rules, death);
    service.keepCounted();
    if (verdict === 'is done') service.announceDone();
    if (verdict === 'is given up') service.announceFailure();
    this.#finalEnd = verdict === 'goes on' ? null : verdict === 'is done' ? 'done' : 'failed';
    if (verdict !== 'goes on') service.emit('O');
    const isAsked = restarts.isAsked || !wantUp;
    service.host.ended(service.name, { waitStatus, isAsked, isGivenUp: verdict === 'is given up' });
  }

  /** `group`: the pid of the process that has died. */
  #finishAfter(group: number, files: ServiceFiles): void {
    this.#startFinish(group, files, 'd');
  }

  /** `events`: to be told when it is known what comes now. */
  #startFinish(group: number, files: ServiceFiles, events: 'd' | ''): void {
    this.#dead = group;
    const pid = files.has(FINISH_FILE) ? this.#finish.start(group) : null;
    if (pid === null) {
      this.#becomeDown(`${events}D`);
      return;
    }
    this.#move('finishing');
    this.service.announce({ pid: pid === 'later' ? group : pid, finishing: true });
    if (events !== '') this.service.emit(events);
    if (pid === 'later') this.#finish.startLater(() => this.#startFinish(group, this.service.files(), ''));
    else this.#finish.limit();
  }

  #finished(waitStatus: number | null): void {
    if (this.#state !== 'finishing') return;
    this.#finish.end();
    const exit = waitStatus === null ? null : exitOf(waitStatus);
    if (exit !== null && exit.signal === 0 && exit.code === PERMANENT_FAILURE) {
      this.service.announceFailure();
      this.#finalEnd = 'failed';
      const { name, host, status } = this.service;
      host.ended(name, { waitStatus: status.waitStatus, isAsked: false, isGivenUp: true });
      this.#becomeDown('OD');
    } else {
      this.#becomeDown('D');
    }
  }

  /** `rest`: milliseconds at least until it is started again. */
  #becomeDown(events: string, rest = 0): void {
    const { service } = this;
    this.#move('down');
    this.#warnOfRemains();
    service.host.output?.finish(service.name);
    service.announce({ pid: 0, finishing: false, ready: true, readyStamp: service.host.system.clock.wallTime() });
    service.write('idle');
    for (const event of events) service.emit(event as EventLetter);
    if (this.#finalEnd !== null) beginSequel(service, this.#finalEnd);
    this.#finalEnd = null;
    if (this.#leaving) this.#go();
    else this.#scheduleStart(rest);
  }

  /** Children that its process did not become, and that `finish` has not ended: s6-supervise leaves them alone too. */
  #warnOfRemains(): void {
    for (const process of this.service.host.system.processes.remainsOf(this.#dead))
      this.service.warn(`left running: ${remainsText(process)}`);
    this.#dead = 0;
  }

  #scheduleStart(rest = 0): void {
    const { service } = this;
    if (!service.status.wantUp) return;
    const now = service.host.system.clock.bootTime();
    const rules = readRestartRules(service.files(), (message) => service.warn(message));
    const at = Math.max(service.restarts.dueAt(rules, service.changedAt, now), now + rest);
    if (at <= now) this.start();
    else this.#nextStart.set(at - now, () => this.start());
  }

  #go(): void {
    this.#nextStart.cancel();
    this.#move('gone');
    this.service.closeForGood();
    this.left();
  }
}
