/** A driver of supervisors that would start a second time what an earlier one has left: it has that end before. */
import type { ServiceId } from '@muster/core/model/database';
import type { LongrunDriver } from '../longrun-driver.ts';
import { StrayGuard } from '../strays/stray-guard.ts';
import type { Stray } from '../strays/strays.ts';

/** `directoryOf` gives a service's own directory, `strays` finds those of all services. */
export function guarded(
  driver: LongrunDriver,
  { names, directoryOf }: { readonly names: readonly string[]; readonly directoryOf: (service: ServiceId) => string },
  strays: () => readonly Stray[],
): LongrunDriver {
  const guard = new StrayGuard(strays);
  const started = new Set<ServiceId>();
  return {
    observe: (service) => {
      guard.throwFailure(names[service]!);
      const seen = driver.observe(service);
      if (started.has(service) && seen.kind === 'longrun' && seen.state === 'up') {
        guard.note(directoryOf(service), seen.pid);
      }
      return seen;
    },
    watch: (services, changed) => driver.watch(services, changed),
    start: (service) => {
      started.add(service);
      guard.start(names[service]!, () => driver.start(service));
    },
    stop: (service) => {
      guard.cancel(names[service]!);
      driver.stop(service);
    },
    reload: (service) => driver.reload(service),
    isUnread: (service) => driver.isUnread(service),
    withdraw: (service) => {
      guard.cancel(names[service]!);
      return driver.withdraw(service);
    },
    close: () => guard.close(),
  };
}
