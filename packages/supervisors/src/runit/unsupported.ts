/** What a longrun asks for and runit cannot do. */
import type { Longrun } from '@muster/core/model/definition';
import { SETTING } from '@muster/store/live/service-files';
import { GREATEST_SHELL_DESCRIPTOR } from '../service-directory/shell.ts';
import { unsupportedDelay } from '../service-directory/unsupported-delay.ts';
import type { Unsupported } from '../supervisor-adapter.ts';

export function* unsupportedByRunit(longrun: Longrun): Generator<Unsupported> {
  yield* unsupportedDelay(longrun, 'runit');
  if (longrun.newPidNamespace) {
    const wayOut = 'let run execute unshare --pid --fork --kill-child, or use -b embedded';
    yield { feature: SETTING.newPidNamespace, wayOut };
  }
  const descriptors = [
    [SETTING.notificationFd, longrun.notificationFd],
    [SETTING.lockFd, longrun.lockFd],
  ] as const;
  for (const [feature, descriptor] of descriptors) {
    if (descriptor === null || descriptor <= GREATEST_SHELL_DESCRIPTOR) continue;
    const wayOut = `a script keeps the descriptor open for runit: use one up to ${GREATEST_SHELL_DESCRIPTOR}`;
    yield { feature, wayOut };
  }
}
