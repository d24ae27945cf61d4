/**
 * One service, as s6-supervise would supervise it: the same files, letters, events and rules.
 *
 *     down ──start──▶ up ──dies──▶ finishing ──▶ down        (`finishing` only if there is a `finish`)
 *       └─────────────────────────────┴── told to exit ──▶ gone
 *
 * `leaving`: told to exit; it does so when the service is down next. What happens is always in this order: the ledger
 * before a process is started, `supervise/status` after anything changed, then the events that tell of it.
 */
import { closeSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { processFacts } from '@muster/posix/process';
import type { Timer } from '@muster/posix/reactor';
import { sendGroupSignal, sendSignal } from '@muster/posix/signals';
import { type ControlLetter, type EventLetter, SIGNAL_LETTERS, type SignalLetter } from '../s6/control.ts';
import { type Death, MOST_DEATHS } from '../s6/death-tally.ts';
import { exitOf, type Status } from '../s6/status.ts';
import { findStarted, ticksNow } from './adoption.ts';
import type { Slot, SlotPhase } from './ledger.ts';
import { Readiness } from './readiness.ts';
import { delayAfter, isOverLimit, readRestartRules } from './restart-policy.ts';
import { ServiceFiles } from './service-files.ts';
import type { ServiceHost } from './service-host.ts';
import { lockDescriptor } from './service-lock.ts';
import { SuperviseDirectory } from './supervise-directory.ts';

const { signals: SIGNAL } = constants;

/** Milliseconds. */
const ONE_SECOND = 1000;
const AFTER_SYSTEM_ERROR = 60_000;
const FINISH_TIMEOUT = 5000;
const KILL_AGAIN = 5000;

/** The wait status that stands for one which nobody could learn: exit code 255. */
const UNKNOWN_STATUS = 0xff00;
const PERMANENT_FAILURE = 125;

export type ServiceState = 'down' | 'up' | 'finishing' | 'gone';

/** The pipe between a service and its logger, at our end of either. */
export interface ServiceStreams {
  readonly stdin?: number;
  readonly stdout?: number;
}

/** Descriptors for one child. */
export interface PassedDescriptors {
  readonly descriptors: readonly (readonly [own: number, childs: number])[];
  /** Closes those that were opened for it, once it has them. */
  close(): void;
}

export class Service {
  #state: ServiceState = 'down';
  #leaving = false;
  #status: Status;
  #deaths: Death[] = [];
  #streak = 0;
  #forgiven = 0;
  /** Asked to stop; when `timeout-kill` is over it is killed. */
  #dying = false;
  /** Of `run`, as the ledger has it. */
  #startTime = 0;
  /** A death that was asked for (restart by hand) is no failure. */
  #restarting = false;
  /** When it may be started again by s6's rule: a second after it was ready. 0: it was not. */
  #nextStart = 0;
  #timer: Timer | undefined;
  #discardsOutput = false;
  readonly #supervise: SuperviseDirectory;
  readonly #inode: number;
  readonly #readiness: Readiness;

  /** Throws `Occupied` if another supervisor runs there, SystemError or ErrnoException if the directory cannot be used. */
  constructor(
    /** As the scandir has it: `NAME`, or `NAME/log`. */
    public name: string,
    public directory: string,
    readonly streams: ServiceStreams,
    readonly host: ServiceHost,
  ) {
    this.#inode = inodeOf(directory);
    this.#supervise = new SuperviseDirectory(directory, host.reactor, (letter) => this.command(letter));
    this.#readiness = new Readiness(this, () => this.#becomeReady());
    const now = Date.now();
    this.#status = {
      stamp: now,
      readyStamp: now,
      pid: 0,
      waitStatus: 0,
      paused: false,
      finishing: false,
      wantUp: true,
      ready: false,
    };
    const inherited = host.ledger.inherited(name);
    if (inherited === undefined || inherited.phase === 'free') this.#begin();
    else this.#resume(inherited);
  }

  get state(): ServiceState {
    return this.#state;
  }

  get status(): Status {
    return this.#status;
  }

  /** What a byte in `supervise/control` asks for; letters that mean nothing are ignored. */
  command(letter: string): void {
    if (this.#state === 'gone') return;
    if (Object.hasOwn(SIGNAL_LETTERS, letter)) this.#sendSignalOf(letter as SignalLetter);
    else this.#obey(letter as Exclude<ControlLetter, SignalLetter>);
  }

  /** What SIGTERM does to s6-supervise: stop the service, then exit. */
  terminate(): void {
    switch (this.#state) {
      case 'down':
        this.#leave();
        return;
      case 'up':
        this.#leaving = true;
        this.#stop();
        return;
      case 'finishing':
        this.#leaving = true;
        this.#discardsOutput = true;
        return;
      case 'gone':
        return;
    }
  }

  /** What SIGHUP does: exit when the service is down next. A logger ends by itself when its input does. */
  hangUp(): void {
    if (this.#state === 'gone') return;
    if (this.#state === 'down') {
      this.#leave();
      return;
    }
    this.#leaving = true;
    this.#discardsOutput = true;
  }

  /** Lets go of the service without touching its process, whose adoption stays possible. */
  abandon(): void {
    this.#clearTimer();
    this.#readiness.stop();
    this.#supervise.close();
    this.#state = 'gone';
  }

  /** The directory has another name now. What could not be written since it was moved is written again. */
  follow(name: string, directory: string): void {
    this.name = name;
    this.directory = directory;
    this.#supervise.follow(directory);
    this.#announce({});
  }

  warn(message: string): void {
    this.host.warn(`${this.name}: ${message}`);
  }

  // --- beginnings

  #begin(): void {
    this.#supervise.forgetDeaths();
    const files = this.#files();
    this.#announce({ wantUp: !files.has('down'), paused: true });
    this.#status = { ...this.#status, paused: false };
    this.#record('idle');
    this.#tell('s');
    if (this.#status.wantUp) this.#start();
  }

  #resume(slot: Slot): void {
    this.#status = this.#supervise.readStatus() ?? this.#status;
    this.#deaths = this.#supervise.readDeaths();
    this.#streak = slot.streak;
    this.#forgiven = slot.forgiven;
    this.host.output?.resume(this.name);
    switch (slot.phase) {
      case 'free':
      case 'idle':
        this.#resumeDown();
        return;
      case 'run':
        this.#resumeRun(slot.pid, slot.startTime, slot.dying);
        return;
      case 'finish':
        this.#resumeFinish(slot.pid, slot.startTime);
        return;
      case 'starting-run':
      case 'starting-finish': {
        const taken = this.host.knownPids();
        const found = findStarted(this.directory, this.name, slot.startTime, taken, this.host.ledger.path);
        if (slot.phase === 'starting-run') {
          if (found === undefined) {
            this.#resumeDown();
            return;
          }
          this.#status = { ...this.#status, stamp: Date.now(), ready: false, paused: false, finishing: false };
          this.#resumeRun(found.pid, found.startTime, false);
          this.#tell('u');
        } else if (found === undefined) {
          this.#status = { ...this.#status, waitStatus: slot.waitStatus };
          this.#finish(slot.pid, this.#files());
        } else {
          this.#resumeFinish(found.pid, found.startTime);
        }
      }
    }
  }

  #resumeDown(): void {
    this.#announce({ pid: 0, finishing: false, paused: false, ready: true });
    this.#record('idle');
    this.#scheduleStart();
  }

  #resumeRun(pid: number, startTime: number, dying: boolean): void {
    this.#state = 'up';
    this.#startTime = startTime;
    this.#announce({ pid, finishing: false });
    if (!this.host.processes.adopt(pid, startTime, (status) => this.#died(status))) {
      this.#died(processFacts(pid)?.startTime === startTime ? processFacts(pid)!.exitStatus : null);
      return;
    }
    this.#record('run', pid, startTime);
    if (this.#status.ready) this.#nextStart = this.#status.readyStamp + ONE_SECOND;
    else this.#readiness.resume(this.#files(), this.#status.stamp);
    if (dying) this.#limitDying(this.#files());
  }

  #resumeFinish(pid: number, startTime: number): void {
    this.#state = 'finishing';
    this.#announce({ pid, finishing: true, ready: false });
    if (this.host.processes.adopt(pid, startTime, (status) => this.#finished(status))) {
      this.#record('finish', pid, startTime);
      this.#limitFinish();
    } else {
      this.#finished(null);
    }
  }

  // --- up

  #start(): void {
    this.#supervise.forgetFailure();
    this.#clearTimer();
    const files = this.#files();
    const lock = lockDescriptor(this, files);
    const notification = this.#readiness.prepare(files);
    if (lock === 'invalid' || notification === 'invalid') return;
    const streams = this.#ownStreams();
    const descriptors = [...streams.descriptors, ...lock.descriptors, ...notification.descriptors];
    this.#record('starting-run', 0, ticksNow());
    let pid: number;
    try {
      pid = this.host.processes.start(
        { path: lock.path, argv: [...lock.argv, this.name], directory: this.directory, descriptors },
        (status) => this.#died(status),
      );
    } catch (error) {
      this.#record('idle');
      this.warn(`unable to start run: ${error} (waiting 60 seconds)`);
      this.#readiness.stop();
      this.#setTimer(AFTER_SYSTEM_ERROR, () => this.#start());
      return;
    } finally {
      streams.close();
      lock.close();
      notification.close();
    }
    this.#startTime = processFacts(pid)?.startTime ?? 0;
    this.#dying = false;
    this.#record('run', pid, this.#startTime);
    this.#state = 'up';
    this.#restarting = false;
    this.#nextStart = 0;
    this.#announce({ pid, ready: false, stamp: Date.now(), finishing: false });
    this.#tell('u');
    this.#readiness.begin();
  }

  #becomeReady(): void {
    if (this.#state !== 'up' || this.#status.ready) return;
    const now = Date.now();
    this.#nextStart = now + ONE_SECOND;
    this.#announce({ ready: true, readyStamp: now });
    this.#tell('U');
  }

  #stop(): void {
    const files = this.#files();
    this.#announce({ wantUp: false });
    this.#kill(files.signal('down-signal', SIGNAL.SIGTERM));
    this.#kill(SIGNAL.SIGCONT);
    this.#limitDying(files);
  }

  #limitDying(files: ServiceFiles): void {
    const timeout = files.number('timeout-kill') ?? 0;
    this.#clearTimer();
    if (timeout === 0) return;
    this.#dying = true;
    this.#record('run', this.#status.pid, this.#startTime);
    this.#setTimer(timeout, () => this.#killForGood());
  }

  #killForGood(): void {
    if (!this.#dying) return;
    const kill = this.#files().has('flag-timeout-killpg') ? sendGroupSignal : sendSignal;
    kill(this.#status.pid, SIGNAL.SIGKILL);
    kill(this.#status.pid, SIGNAL.SIGCONT);
    this.#setTimer(KILL_AGAIN, () => this.#killForGood());
  }

  // --- death

  #died(waitStatus: number | null): void {
    if (this.#state !== 'up') return;
    // What it wrote before it died is there by now.
    this.#readiness.finalLook();
    this.#readiness.stop();
    this.#clearTimer();
    this.#dying = false;
    const now = Date.now();
    const lasted = now - this.#status.stamp;
    const pid = this.#status.pid;
    this.#status = {
      ...this.#status,
      waitStatus: waitStatus ?? UNKNOWN_STATUS,
      paused: false,
      ready: false,
      stamp: now,
    };
    const files = this.#files();
    this.#tally(files, now);
    this.#judge(files, waitStatus, now, lasted);
    this.#finish(pid, files);
  }

  #tally(files: ServiceFiles, now: number): void {
    const most = Math.min(files.number('max-death-tally') ?? 100, MOST_DEATHS);
    this.#deaths.push({ at: now, exit: exitOf(this.#status.waitStatus) });
    if (this.#deaths.length > most) this.#deaths.splice(0, this.#deaths.length - most);
    if (most === 0) return;
    try {
      this.#supervise.writeDeaths(this.#deaths);
    } catch (error) {
      this.warn(`unable to write supervise/death_tally: ${error}`);
    }
  }

  /** Muster's restart policy: whether the service is given up. */
  #judge(files: ServiceFiles, waitStatus: number | null, now: number, lasted: number): void {
    const rules = readRestartRules(files, (message) => this.warn(message));
    const wasAsked = this.#restarting || !this.#status.wantUp;
    this.#streak =
      wasAsked || (rules.delay !== null && lasted >= rules.delay.longest + ONE_SECOND) ? 1 : this.#streak + 1;
    if (wasAsked) {
      this.#forgiven = now;
      return;
    }
    const deaths = this.#deaths.map(({ at }) => at).filter((at) => at > this.#forgiven);
    const isFinal =
      rules.policy === 'never' ||
      (rules.policy === 'on-failure' && waitStatus === 0) ||
      (rules.limit !== null && isOverLimit(rules.limit, deaths, now));
    if (isFinal) this.#giveUp();
  }

  #giveUp(): void {
    this.#status = { ...this.#status, wantUp: false };
    this.#leaveWord();
    this.#tell('O');
  }

  #leaveWord(): void {
    try {
      this.#supervise.writeFailure();
    } catch (error) {
      this.warn(`unable to write that it was given up: ${error}`);
    }
  }

  #finish(group: number, files: ServiceFiles): void {
    if (!files.has('finish')) {
      this.#becomeDown('dD');
      return;
    }
    const { waitStatus } = this.#status;
    const { code, signal } = exitOf(waitStatus);
    const words = [signal === 0 ? code : 256, signal, this.name, group].map(String);
    this.#record('starting-finish', group, ticksNow());
    const streams = this.#ownStreams();
    let pid: number;
    try {
      pid = this.host.processes.start(
        { path: './finish', argv: ['finish', ...words], directory: this.directory, descriptors: streams.descriptors },
        (status) => this.#finished(status),
      );
    } catch (error) {
      this.warn(`unable to start finish: ${error}`);
      this.#becomeDown('dD');
      return;
    } finally {
      streams.close();
    }
    this.#record('finish', pid, processFacts(pid)?.startTime ?? 0);
    this.#state = 'finishing';
    this.#announce({ pid, finishing: true });
    this.#tell('d');
    this.#limitFinish();
  }

  #limitFinish(): void {
    const timeout = this.#files().number('timeout-finish') ?? FINISH_TIMEOUT;
    if (timeout > 0) this.#setTimer(timeout, () => this.#killFinish());
  }

  #killFinish(): void {
    this.warn('finish takes too long: killed');
    this.#kill(SIGNAL.SIGCONT);
    this.#kill(SIGNAL.SIGKILL);
    this.#setTimer(KILL_AGAIN, () => this.#killFinish());
  }

  #finished(waitStatus: number | null): void {
    if (this.#state !== 'finishing') return;
    this.#clearTimer();
    const exit = waitStatus === null ? null : exitOf(waitStatus);
    if (exit !== null && exit.signal === 0 && exit.code === PERMANENT_FAILURE) {
      this.#status = { ...this.#status, wantUp: false };
      this.#leaveWord();
      this.#becomeDown('OD');
    } else {
      this.#becomeDown('D');
    }
  }

  #becomeDown(events: string): void {
    this.#state = 'down';
    this.host.output?.finish(this.name);
    this.#announce({ pid: 0, finishing: false, ready: true, readyStamp: Date.now() });
    this.#record('idle');
    for (const event of events) this.#tell(event as EventLetter);
    if (this.#leaving) this.#leave();
    else this.#scheduleStart();
  }

  #scheduleStart(): void {
    if (!this.#status.wantUp) return;
    const now = Date.now();
    const { delay } = readRestartRules(this.#files(), (message) => this.warn(message));
    let at = now + ONE_SECOND;
    if (delay !== null) at = this.#restarting ? now : this.#status.stamp + delayAfter(delay, Math.max(1, this.#streak));
    else if (this.#nextStart > 0) at = this.#nextStart;
    if (at <= now) this.#start();
    else this.#setTimer(at - now, () => this.#start());
  }

  // --- commands

  #sendSignalOf(letter: SignalLetter): void {
    if (this.#state !== 'up') return;
    const signal = SIGNAL[SIGNAL_LETTERS[letter]];
    if (letter === 'P' || letter === 'C' || letter === 'K') sendGroupSignal(this.#status.pid, signal);
    else this.#kill(signal);
    if (signal === SIGNAL.SIGSTOP) this.#announce({ paused: true });
    if (signal === SIGNAL.SIGCONT) this.#announce({ paused: false });
  }

  #obey(letter: Exclude<ControlLetter, SignalLetter>): void {
    switch (letter) {
      case 'U':
      case 'u':
        if (letter === 'U') this.#removeDownFile();
        this.#forgiven = Date.now();
        this.#streak = 0;
        this.#want(true);
        if (this.#state === 'down') this.#start();
        return;
      case 'D':
      case 'd':
        if (letter === 'D') this.#makeDownFile();
        if (this.#state === 'up') this.#stop();
        else this.#want(false);
        return;
      case 'O':
      case 'Q':
        if (letter === 'Q') this.#makeDownFile();
        this.#want(false);
        return;
      case 'o':
        this.#want(false);
        if (this.#state === 'down') this.#start();
        return;
      case 'r':
        if (this.#state !== 'up') return;
        this.#restarting = true;
        this.#kill(this.#files().signal('down-signal', SIGNAL.SIGTERM));
        return;
      case 'l':
        if (this.#state === 'up') this.#kill(this.#files().signal('reload-signal', SIGNAL.SIGHUP));
        return;
      case 'x':
        this.hangUp();
        return;
    }
  }

  #want(up: boolean): void {
    if (!up && this.#state === 'down') this.#clearTimer();
    this.#announce({ wantUp: up });
  }

  #makeDownFile(): void {
    try {
      writeFileSync(join(this.directory, 'down'), '');
    } catch (error) {
      this.warn(`unable to create down: ${error}`);
    }
  }

  #removeDownFile(): void {
    try {
      unlinkSync(join(this.directory, 'down'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.warn(`unable to remove down: ${error}`);
    }
  }

  #leave(): void {
    this.#clearTimer();
    this.#state = 'gone';
    this.#supervise.close();
    this.host.ledger.release(this.name);
    this.#tell('x');
    this.host.left(this);
  }

  // --- small ones

  #kill(signal: number): void {
    if (this.#status.pid > 0) sendSignal(this.#status.pid, signal);
  }

  #files(): ServiceFiles {
    return new ServiceFiles(this.directory, (message) => this.warn(message));
  }

  #ownStreams(): PassedDescriptors {
    const { stdin, stdout } = this.#discardsOutput
      ? { stdin: this.host.nothing, stdout: this.host.nothing }
      : this.streams;
    const caught = this.host.output?.open(this.name);
    const descriptors: [number, number][] = [];
    if (stdin !== undefined) descriptors.push([stdin, 0]);
    const output = stdout ?? caught;
    if (output !== undefined) descriptors.push([output, 1]);
    if (caught !== undefined) descriptors.push([caught, 2]);
    return { descriptors, close: () => caught !== undefined && closeSync(caught) };
  }

  #announce(changes: Partial<Status>): void {
    this.#status = { ...this.#status, ...changes };
    try {
      this.#supervise.writeStatus(this.#status);
    } catch (error) {
      this.warn(`unable to write supervise/status: ${error}`);
    }
  }

  #tell(letter: EventLetter): void {
    this.#supervise.notify(letter);
    this.host.told(this, letter);
  }

  #record(phase: SlotPhase, pid = 0, startTime = 0): void {
    const { waitStatus } = this.#status;
    const slot = {
      phase,
      inode: this.#inode,
      pid,
      startTime,
      waitStatus,
      dying: this.#dying,
      streak: this.#streak,
      forgiven: this.#forgiven,
    };
    try {
      this.host.ledger.write(this.name, slot);
    } catch (error) {
      // Supervising goes on without it; only a tree that is killed now would not be adopted from.
      this.warn(`unable to note what runs: ${error}`);
    }
  }

  #setTimer(delay: number, ring: () => void): void {
    this.#clearTimer();
    this.#timer = this.host.reactor.after(delay, ring);
  }

  #clearTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

/** Its low 32 bits. */
function inodeOf(directory: string): number {
  return statSync(directory).ino % 2 ** 32;
}
