/**
 * SIGPWR, which tells process 1 that the power fails. JavaScriptCore takes it for itself, and Bun does not pass it on; but
 * a signal handler is a C function of the signal's number, and close(2) is one of a descriptor's: with the writing end
 * of a pipe at the descriptor that has the signal's number, the signal hangs up the pipe.
 *
 * It works once: after that the signal is ignored, since the power does not fail twice. JavaScriptCore wants the signal
 * for stopping other threads that run JavaScript; there are none.
 */
import { constants } from 'node:os';
import { libc, SystemError } from './libc.ts';
import { copyDescriptor, makePipe } from './pipe.ts';
import type { Reactor } from './reactor.ts';

const { SIGPWR } = constants.signals;
const SIG_IGN = 1;
const RTLD_DEFAULT = 0;

/** Calls `failing` when the signal comes. Throws SystemError, also if the descriptor is taken: call it early. */
export function onPowerFailure(reactor: Reactor, failing: () => void): void {
  const { reading, writing } = makePipe();
  const trap = copyDescriptor(writing, SIGPWR);
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
  libc().signal(SIGPWR, close);
}
