/** What a longrun asks for and s6 cannot do. */
import type { Longrun } from '@muster/core/model/definition';
import { SETTING } from '@muster/store/live/service-files';
import { unsupportedDelay } from '../service-directory/unsupported-delay.ts';
import type { Unsupported } from '../supervisor-adapter.ts';

/** `knows`: whether the s6 that is there knows the file of a service directory, which older ones do not. */
export function* unsupportedByS6(longrun: Longrun, knows: (file: string) => boolean): Generator<Unsupported> {
  yield* unsupportedDelay(longrun, 's6');
  if (longrun.stopGroup) {
    const wayOut =
      's6-supervise asks one process to stop: let run execute what passes the signal on, or use -b embedded';
    yield { feature: SETTING.stopGroup, wayOut };
  }
  const asked = [
    [SETTING.newPidNamespace, longrun.newPidNamespace],
    [SETTING.killProcessGroup, longrun.killProcessGroup],
  ] as const;
  for (const [feature, isAsked] of asked) {
    if (isAsked && !knows(feature)) {
      yield { feature, wayOut: 'this s6 does not know it yet: take a newer one, or use -b embedded' };
    }
  }
}
