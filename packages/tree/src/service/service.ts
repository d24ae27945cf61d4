/**
 * One service, as s6-supervise would supervise it: the same files, letters, events and rules. This is what others may ask
 * of it; the parts behind it are
 *
 *     life.ts               the states, and what leads from one to the other
 *     run.ts                the process of `run`, with readiness.ts and lock.ts; finish.ts that of `finish`
 *     restarts.ts           whether, and when, it is started again, by the rules in restart-policy.ts
 *     supervised-service.ts what is known of it, written where others find it (supervise-directory.ts, the children file)
 *     inheritance.ts        what the tree's last life left of it
 */
import { constants } from 'node:os';
import type { InvariantBroken } from '@muster/core/invariant';
import { type ControlLetter, SIGNAL_LETTERS, type SignalLetter } from '@muster/protocol/s6/control';
import type { Status } from '@muster/protocol/s6/status';
import { SETTING } from '@muster/store/live/service-files';
import { makeDownFile, removeDownFile } from './down-file.ts';
import { guarded, guardedHost } from './guarded-host.ts';
import type { ServiceHost } from './host.ts';
import { inheritanceOf } from './inheritance.ts';
import { type LifeState, ServiceLife } from './life.ts';
import { type ServiceStreams, StandardStreams } from './streams.ts';
import { SupervisedService } from './supervised-service.ts';

const { signals: SIGNAL } = constants;

export class Service {
  readonly #service: SupervisedService;
  readonly #streams: StandardStreams;
  readonly #life: ServiceLife;
  readonly #host: ServiceHost;

  /** Throws `Occupied` if another supervisor runs there, SystemError or ErrnoException if the directory cannot be used. */
  constructor(name: string, directory: string, streams: ServiceStreams, host: ServiceHost) {
    this.#host = host;
    const guarding = guardedHost(host, this.#leaveAlone);
    this.#service = new SupervisedService(name, directory, guarding, (letter) => this.command(letter));
    this.#streams = new StandardStreams(this.#service, streams);
    this.#life = new ServiceLife(this.#service, this.#streams, () => host.left(this));
    try {
      this.#guard(() => this.#begin());
    } catch (error) {
      this.#service.close();
      throw error;
    }
  }

  /** As the scandir has it: `NAME`, or `NAME/log`. */
  get name(): string {
    return this.#service.name;
  }

  get state(): LifeState {
    return this.#life.state;
  }

  get status(): Status {
    return this.#service.status;
  }

  /** What a byte in `supervise/control` asks for; letters that mean nothing are ignored. */
  command(letter: string): void {
    if (this.state === 'gone') return;
    this.#guard(() => {
      if (Object.hasOwn(SIGNAL_LETTERS, letter)) this.#sendSignalOf(letter as SignalLetter);
      else this.#obey(letter as Exclude<ControlLetter, SignalLetter>);
    });
  }

  /** What SIGTERM does to s6-supervise: stop the service, then exit. */
  terminate(): void {
    this.#guard(() => this.#terminate());
  }

  #terminate(): void {
    switch (this.state) {
      case 'down':
        this.#life.leave();
        return;
      case 'up':
        this.#life.leave();
        this.#life.stop();
        return;
      case 'finishing':
        this.#life.leave();
        this.#streams.discard();
        return;
      case 'gone':
        return;
    }
  }

  /** What SIGHUP does: exit when the service is down next. A logger ends by itself when its input does. */
  hangUp(): void {
    this.#guard(() => {
      if (this.state === 'gone') return;
      if (this.state !== 'down') this.#streams.discard();
      this.#life.leave();
    });
  }

  /** Lets go of the service without touching its process, whose adoption stays possible. */
  abandon(): void {
    this.#life.abandon();
  }

  /** The directory has another name now. */
  follow(name: string, directory: string): void {
    this.#guard(() => this.#service.follow(name, directory));
  }

  #guard(work: () => void): void {
    guarded(this.#leaveAlone, work)();
  }

  /**
   * A bug has shown: what is believed of the service is not to be trusted. Its process goes on, and nothing more is done to it
   * until another life of the tree adopts it.
   */
  readonly #leaveAlone = ({ message, stack }: InvariantBroken): void => {
    const { name, status, changedAt, restarts } = this.#service;
    const known = JSON.stringify({ state: this.state, status, changedAt, restarts: restarts.counted });
    this.#host.warn(`${name}: left alone, since there is a bug in the tree: ${message}; ${known}; ${stack}`);
    this.#life.abandon();
  };

  #begin(): void {
    const slot = this.#service.inherited();
    if (slot === undefined) {
      this.#life.begin();
      return;
    }
    this.#service.recall(slot);
    this.#life.resume(inheritanceOf(slot, this.#service));
  }

  #sendSignalOf(letter: SignalLetter): void {
    if (this.state !== 'up') return;
    const signal = SIGNAL[SIGNAL_LETTERS[letter]];
    if (letter === 'P' || letter === 'C' || letter === 'K') this.#life.run.signalGroup(signal);
    else this.#life.run.signal(signal);
    if (signal === SIGNAL.SIGSTOP) this.#service.announce({ paused: true });
    if (signal === SIGNAL.SIGCONT) this.#service.announce({ paused: false });
  }

  #obey(letter: Exclude<ControlLetter, SignalLetter>): void {
    const life = this.#life;
    switch (letter) {
      case 'U':
      case 'u':
        if (letter === 'U') removeDownFile(this.#service);
        this.#service.restarts.forgive();
        this.#service.keepCounted();
        life.wantUp();
        if (life.state === 'down') life.start();
        return;
      case 'D':
      case 'd':
        if (letter === 'D') makeDownFile(this.#service);
        life.stop();
        return;
      case 'O':
      case 'Q':
        if (letter === 'Q') makeDownFile(this.#service);
        life.wantDown();
        return;
      case 'o':
        life.wantDown();
        if (life.state === 'down') life.start();
        return;
      case 'r':
        this.#restart();
        return;
      case 'l':
        if (life.state === 'up') life.run.signal(this.#service.files().signal(SETTING.reloadSignal, SIGNAL.SIGHUP));
        return;
      case 'x':
        this.hangUp();
        return;
    }
  }

  #restart(): void {
    if (this.state !== 'up') return;
    this.#life.run.askToEnd(this.#service.files());
  }
}
