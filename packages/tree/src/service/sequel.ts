/** What follows an end of a service that is final: the script `on-failed` or `on-done` of its directory, of which nobody waits for the end. */
import { InvariantBroken } from '@muster/core/invariant';
import { exitOf } from '@muster/protocol/s6/status';
import { SEQUEL_FILES } from '@muster/store/live/service-files';
import { LATER, TryLater } from '../processes.ts';
import { KILLED } from './finish.ts';
import type { SupervisedService } from './supervised-service.ts';

export type FinalEnd = keyof typeof SEQUEL_FILES;

export function beginSequel(service: SupervisedService, end: FinalEnd): void {
  const file = SEQUEL_FILES[end];
  if (!service.files().has(file)) return;
  const { host, directory, name } = service;
  const { code, signal } = exitOf(service.status.waitStatus);
  const words = [signal === 0 ? code : KILLED, signal, name].map(String);
  let output: number | undefined;
  try {
    output = host.output?.open(name);
    const descriptors = output === undefined ? [] : ([1, 2] as const).map((as) => [output, as] as [number, number]);
    const program = host.system.processes.programIn(directory, file, words);
    host.processes.start({ ...program, directory, descriptors }, () => {});
  } catch (error) {
    if (error instanceof InvariantBroken) throw error;
    if (error instanceof TryLater) host.reactor.after(LATER, () => beginSequel(service, end));
    else service.warn(`unable to start ${file}: ${error}`);
  } finally {
    if (output !== undefined) host.system.files.close(output);
  }
}
