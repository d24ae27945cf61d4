/**
 * How a service that is up becomes ready: it writes a newline to `notification-fd`, or its `ready-check` succeeds, or it
 * has lived for `ready-after`. The first of these that the service directory has is used.
 *
 * A notification survives the tree, whenever that is killed (notification.ts).
 */

import { constants as os } from 'node:os';
import { InvariantBroken } from '@muster/core/invariant';
import type { Timer } from '@muster/posix/reactor';
import { FIRST_PATIENCE, LONGEST_PATIENCE } from '@muster/protocol/check-patience';
import { NOTIFICATION_FIFO, READY_CHECK_FILE, SETTING } from '@muster/store/live/service-files';
import { TryLater } from '../processes.ts';
import type { Files } from '../system/system.ts';
import type { ServiceFiles } from './files.ts';
import { Notification } from './notification.ts';
import type { PassedDescriptors } from './streams.ts';
import type { SupervisedService } from './supervised-service.ts';

const DEFAULT_INTERVAL = 250;

type Rule =
  | { readonly kind: 'none' }
  | { readonly kind: 'notification'; readonly descriptor: number }
  /** Milliseconds between the end of one check and the next. */
  | { readonly kind: 'check'; readonly interval: number }
  /** Milliseconds of life. */
  | { readonly kind: 'after'; readonly delay: number };

export class Readiness {
  #rule: Rule = { kind: 'none' };
  #notification: Notification | undefined;
  #timer: Timer | undefined;
  #checking = 0;

  constructor(
    readonly service: SupervisedService,
    readonly becomeReady: () => void,
  ) {}

  /** Before a start: the descriptors that `run` gets. */
  prepare(files: ServiceFiles): PassedDescriptors | 'invalid' {
    this.stop();
    this.#rule = readRule(files, this.service);
    if (this.#rule.kind !== 'notification') return { descriptors: [], close: () => {} };
    try {
      const { notification, childs } = Notification.offer(this.service.directory, this.#files);
      this.#listenTo(notification);
      return { descriptors: [[childs, this.#rule.descriptor]], close: () => this.#files.close(childs) };
    } catch (error) {
      this.service.warn(`unable to make ${NOTIFICATION_FIFO}: ${error}`);
      this.stop();
      return { descriptors: [], close: () => {} };
    }
  }

  /** After the start. */
  begin(): void {
    if (this.#rule.kind === 'check') this.#check(this.#rule.interval, FIRST_PATIENCE);
    if (this.#rule.kind === 'after') this.#timer = this.#after(this.#rule.delay, this.becomeReady);
  }

  /** For a service that was adopted before it was ready, `age` milliseconds after its start. */
  resume(files: ServiceFiles, age: number): void {
    this.#rule = readRule(files, this.service);
    switch (this.#rule.kind) {
      case 'none':
        return;
      case 'notification':
        this.#resumeNotification();
        return;
      case 'check':
        this.#check(this.#rule.interval, FIRST_PATIENCE);
        return;
      case 'after':
        this.#timer = this.#after(this.#rule.delay - age, this.becomeReady);
    }
  }

  /** Reads what is there. */
  finalLook(): void {
    const notified = this.#notification?.look() ?? 'open';
    if (notified === 'open') return;
    this.stop();
    if (notified === 'yes') this.becomeReady();
  }

  /** Nothing more is expected. */
  stop(): void {
    this.#endCheck();
    if (this.#notification === undefined) return;
    this.service.host.reactor.unwatch(this.#notification.descriptor);
    this.#notification.close();
    this.#notification = undefined;
  }

  /** With what it waits for. */
  #endCheck(): void {
    if (this.#checking > 0) this.service.host.processes.signalGroup(this.#checking, os.signals.SIGKILL);
    this.#forgetCheck();
  }

  #forgetCheck(): void {
    this.#checking = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #listenTo(notification: Notification): void {
    this.#notification = notification;
    this.service.host.reactor.watch(notification.descriptor, () => this.finalLook());
  }

  #resumeNotification(): void {
    let notification: Notification;
    try {
      notification = Notification.take(this.service.directory, this.#files);
    } catch (error) {
      this.service.warn(`unable to open ${NOTIFICATION_FIFO}: ${error}`);
      return;
    }
    this.#listenTo(notification);
    const notified = notification.lookBack();
    if (notified === 'open') return;
    this.stop();
    if (notified === 'closed') return;
    if (notified === 'unknown')
      this.service.warn('taken for ready: it has closed its notification-fd, and what it wrote cannot be known here');
    this.becomeReady();
  }

  #check(interval: number, patience: number): void {
    const { host, directory, name } = this.service;
    let pid = 0;
    let output: number | undefined;
    const again = (next = patience) => {
      this.#timer = this.#after(interval, () => this.#check(interval, next));
    };
    try {
      // As the service itself: what others write into the tree's own output is not for it to read.
      output = host.output?.open(name);
      const descriptors: PassedDescriptors['descriptors'] =
        output === undefined
          ? []
          : [
              [output, 1],
              [output, 2],
            ];
      ({ pid } = host.processes.start(
        { ...host.system.processes.programIn(directory, READY_CHECK_FILE, [name]), directory, descriptors },
        (status) => {
          if (this.#checking !== pid) return;
          this.#forgetCheck();
          if (status === 0) this.becomeReady();
          else again();
        },
      ));
      this.#checking = pid;
      this.#timer = this.#after(patience, () => {
        this.#endCheck();
        again(Math.min(2 * patience, LONGEST_PATIENCE));
      });
    } catch (error) {
      if (error instanceof InvariantBroken) throw error;
      if (!(error instanceof TryLater)) this.service.warn(`unable to start ready-check: ${error}`);
      again();
    } finally {
      if (output !== undefined) this.#files.close(output);
    }
  }

  get #files(): Files {
    return this.service.host.system.files;
  }

  #after(delay: number, ring: () => void): Timer {
    return this.service.host.reactor.after(delay, ring);
  }
}

/** Whether it is not ready as soon as it runs. */
export function isReadinessAwaited(files: ServiceFiles): boolean {
  return [SETTING.notificationFd, READY_CHECK_FILE, SETTING.readyAfter].some((file) => files.has(file));
}

function readRule(files: ServiceFiles, service: SupervisedService): Rule {
  const descriptor = files.number(SETTING.notificationFd);
  if (descriptor !== undefined) {
    if (descriptor > 0 && descriptor < service.host.processes.openFiles) return { kind: 'notification', descriptor };
    service.warn(`invalid notification-fd: ${descriptor}`);
  }
  if (files.has(READY_CHECK_FILE))
    return { kind: 'check', interval: files.number(SETTING.readyCheckInterval) ?? DEFAULT_INTERVAL };
  const delay = files.number(SETTING.readyAfter);
  return delay === undefined ? { kind: 'none' } : { kind: 'after', delay };
}
