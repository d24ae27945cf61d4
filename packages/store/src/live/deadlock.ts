/**
 * Who waits for whom: a change waits for a service; a service that is moving waits for its script; and a script waits for
 * the change that runs inside it. A change that would come back to the script it runs in waits for ever.
 */
import { ancestors, ownPid } from '@muster/posix/process';
import { runningChanges } from './changes.ts';

/** Whether this process runs inside a script that `service` waits for, directly or through other changes. */
export function isWaitingForItself(service: string, changes: string, pidOf: (service: string) => number): boolean {
  const inside = new Set(ancestors(ownPid()));
  const others = runningChanges(changes).filter(({ pid }) => pid !== ownPid());
  const seen = new Set<string>();
  const open = [service];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const script = pidOf(name);
    if (script === 0) continue;
    if (inside.has(script)) return true;
    for (const change of others) {
      if (change.waitsFor.length > 0 && ancestors(change.pid).includes(script)) open.push(...change.waitsFor);
    }
  }
  return false;
}
