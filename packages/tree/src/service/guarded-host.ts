/** Keeps a bug that shows in one service from harming the others, or the tree. */
import { InvariantBroken } from '@muster/core/invariant';
import type { ServiceHost } from './host.ts';

/** Does `work`; if an invariant breaks in it, `broken` is told. What else is thrown goes on. */
export function guarded<Words extends unknown[]>(
  broken: (error: InvariantBroken) => void,
  work: (...words: Words) => void,
): (...words: Words) => void {
  return (...words) => {
    try {
      work(...words);
    } catch (error) {
      if (!(error instanceof InvariantBroken)) throw error;
      broken(error);
    }
  };
}

/** The same host, but that what it calls back is guarded. */
export function guardedHost(host: ServiceHost, broken: (error: InvariantBroken) => void): ServiceHost {
  const { reactor, processes } = host;
  return {
    system: host.system,
    children: host.children,
    output: host.output,
    nothing: host.nothing,
    reactor: {
      after: (delay, ring) => reactor.after(delay, guarded(broken, ring)),
      watch: (descriptor, ready) => reactor.watch(descriptor, guarded(broken, ready)),
      unwatch: (descriptor) => reactor.unwatch(descriptor),
      everyTurn: (turn) => reactor.everyTurn(guarded(broken, turn)),
    },
    processes: {
      openFiles: processes.openFiles,
      childPids: () => processes.childPids(),
      hasRoomFor: (descriptor) => processes.hasRoomFor(descriptor),
      start: (child, ended) => processes.start(child, guarded(broken, ended)),
      adopt: (pid, startTime, ended) => processes.adopt(pid, startTime, guarded(broken, ended)),
      signal: (pid, signal) => processes.signal(pid, signal),
      signalGroup: (pid, signal) => processes.signalGroup(pid, signal),
    },
    warn: (message) => host.warn(message),
    told: (service, letter) => host.told(service, letter),
    ended: (service, end) => host.ended(service, end),
    endEverything: (status) => host.endEverything(status),
    left: (service) => host.left(service),
  };
}
