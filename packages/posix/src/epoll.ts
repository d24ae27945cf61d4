/** Waiting on many descriptors at once. */
import { constants as os } from 'node:os';
import { errno, libc, O_CLOEXEC, SystemError } from './libc.ts';

const CTL_ADD = 1;
const CTL_DEL = 2;

export const EPOLL = { in: 0x1, out: 0x4, err: 0x8, hup: 0x10, edge: 0x8000_0000 } as const;

/** `struct epoll_event` is packed on x86-64 only. */
const PACKED = process.arch === 'x64';
const EVENT_SIZE = PACKED ? 12 : 16;
const DATA_OFFSET = PACKED ? 4 : 8;
const EVENTS_AT_ONCE = 256;

export class Epoll {
  readonly fd: number;
  readonly #ready = new Uint8Array(EVENT_SIZE * EVENTS_AT_ONCE);
  readonly #readyView = new DataView(this.#ready.buffer);
  readonly #event = new Uint8Array(EVENT_SIZE);
  readonly #eventView = new DataView(this.#event.buffer);

  /** Throws SystemError. */
  constructor() {
    this.fd = libc().epoll_create1(O_CLOEXEC);
    if (this.fd < 0) throw new SystemError('epoll_create1', errno());
  }

  /** Throws SystemError: EPERM for a regular file, ENOSPC past fs.epoll.max_user_watches. */
  add(fd: number, events: number): void {
    this.#eventView.setUint32(0, events, true);
    this.#eventView.setInt32(DATA_OFFSET, fd, true);
    if (libc().epoll_ctl(this.fd, CTL_ADD, fd, this.#event) < 0) throw new SystemError('epoll_ctl', errno());
  }

  /** To be called before `fd` is closed. */
  remove(fd: number): void {
    libc().epoll_ctl(this.fd, CTL_DEL, fd, this.#event);
  }

  /** Waits `timeout` milliseconds at most (-1 means for ever), then calls `ready` for each descriptor. Signals end the wait. Throws SystemError. */
  wait(timeout: number, ready: (fd: number, events: number) => void): void {
    const count = libc().epoll_wait(this.fd, this.#ready, EVENTS_AT_ONCE, timeout);
    if (count < 0) {
      const error = errno();
      if (error === os.errno.EINTR) return;
      throw new SystemError('epoll_wait', error);
    }
    for (let index = 0; index < count; index++) {
      const offset = index * EVENT_SIZE;
      ready(this.#readyView.getInt32(offset + DATA_OFFSET, true), this.#readyView.getUint32(offset, true));
    }
  }
}
