/**
 * SIGPWR, which tells process 1 that the power fails. JavaScriptCore takes it for itself, and Bun does not pass it on; but
 * a signal handler is a C function of the signal's number, and close(2) is one of a descriptor's: with the writing end
 * of a pipe at the descriptor that has the signal's number, the signal hangs up the pipe.
 *
 * It works once: after that the signal is ignored, since the power does not fail twice. JavaScriptCore wants the signal
 * for stopping other threads that run JavaScript; there are none.
 */
import { ptr } from 'bun:ffi';
import { constants } from 'node:os';
import { errno, libc, SystemError } from './libc.ts';
import type { Reactor } from './reactor.ts';

const { SIGPWR } = constants.signals;
const F_DUPFD_CLOEXEC = 1030;
const O_CLOEXEC = 0o2000000;
const SIG_IGN = 1;
const RTLD_DEFAULT = 0;

/** Calls `failing` when the signal comes. Throws SystemError, also if the descriptor is taken: call it early. */
export function onPowerFailure(reactor: Reactor, failing: () => void): void {
  const ends = new Int32Array(2);
  if (libc().pipe2(ptr(ends), O_CLOEXEC) < 0) throw new SystemError('pipe2', errno());
  const [reading, writing] = ends as unknown as [number, number];
  const trap = libc().fcntl(writing, F_DUPFD_CLOEXEC, SIGPWR);
  if (trap < 0) throw new SystemError('fcntl', errno());
  libc().close(writing);
  if (trap !== SIGPWR) {
    libc().close(trap);
    libc().close(reading);
    throw new SystemError('fcntl', constants.errno.EBUSY, `descriptor ${SIGPWR}`);
  }
  reactor.watch(reading, () => {
    libc().signal(SIGPWR, SIG_IGN);
    reactor.unwatch(reading);
    libc().close(reading);
    failing();
  });
  const close = libc().dlsym(RTLD_DEFAULT, Buffer.from('close\0'));
  libc().signal(SIGPWR, Number(close));
}
