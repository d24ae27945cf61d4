/** Restarts that come sooner than s6 and runit make them. */
import type { Longrun } from '@muster/core/model/definition';
import { SETTING } from '@muster/store/live/service-files';
import type { Unsupported } from '../supervisor-adapter.ts';

/** Milliseconds: what s6 and runit wait by themselves before they start again what just started. */
export const SUPERVISORS_DELAY = 1000;

export function* unsupportedDelay({ restart }: Longrun, supervisor: string): Generator<Unsupported> {
  if (restart.delayMin >= SUPERVISORS_DELAY || restart.policy === 'never') return;
  const wayOut = `${supervisor} waits up to one second before a restart: write 1000 or more, or use -b embedded`;
  yield { feature: SETTING.restartDelay, wayOut };
}
