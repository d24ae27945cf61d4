/** What the tree's last life left of a service, as the children file has it, and as it is now. */

import type { Slot } from '@muster/protocol/children-file';
import { type Found, findStarted } from '../adoption.ts';
import type { Dying, SupervisedService } from './supervised-service.ts';

export type Inheritance =
  | { readonly kind: 'down' }
  | { readonly kind: 'run'; readonly process: Found; readonly dying: Dying | null }
  /** Its start was about to be told. */
  | { readonly kind: 'new run'; readonly process: Found }
  | { readonly kind: 'finish'; readonly process: Found }
  /** `finish` was about to be started for the process group `group`. */
  | { readonly kind: 'death'; readonly group: number; readonly waitStatus: number };

export function inheritanceOf(slot: Slot, service: SupervisedService): Inheritance {
  const { pid, startTime } = slot;
  switch (slot.phase) {
    case 'free':
    case 'idle':
      return { kind: 'down' };
    case 'run':
      return { kind: 'run', process: { pid, startTime }, dying: slot.dying ? { killAt: slot.killAt } : null };
    case 'finish':
      return { kind: 'finish', process: { pid, startTime } };
    case 'starting-run': {
      const process = startedUnnoted(slot, service);
      return process === undefined ? { kind: 'down' } : { kind: 'new run', process };
    }
    case 'starting-finish': {
      const process = startedUnnoted(slot, service);
      return process === undefined
        ? { kind: 'death', group: pid, waitStatus: slot.waitStatus }
        : { kind: 'finish', process };
    }
  }
}

function startedUnnoted(slot: Slot, { directory, name, host }: SupervisedService): Found | undefined {
  const { children, processes, system } = host;
  const taken = new Set([...children.pids(), ...processes.childPids()]);
  return findStarted(system, directory, name, slot.startTime, taken, children.path);
}
