/**
 * Longruns that came up in a change, until it ends. Without a readiness to wait for, a daemon is up when its process runs:
 * here it is seen if that was not for long.
 */
import type { ServiceId } from '../model/database.ts';
import type { Exit } from '../model/observation.ts';
import { diedSince } from './attempt.ts';
import type { Supervisor } from './ports.ts';

export class Arrivals {
  /** With the process that each came up as. */
  readonly #pids = new Map<ServiceId, number>();
  /** Something happened to them that no step of theirs has looked at. */
  readonly #touched = new Set<ServiceId>();

  get isEmpty(): boolean {
    return this.#pids.size === 0;
  }

  add(service: ServiceId, pid: number): void {
    this.#pids.set(service, pid);
  }

  touch(service: ServiceId): void {
    this.#touched.add(service);
  }

  /** Those that have died since; `exit` null if nobody knows how. */
  dead(supervisor: Supervisor): { readonly service: ServiceId; readonly exit: Exit | null }[] {
    return [...this.#pids].flatMap(([service, pid]) => {
      const seen = this.#touched.has(service) ? supervisor.observe(service) : null;
      return seen?.kind === 'longrun' && diedSince(pid, seen) ? [{ service, exit: seen.lastExit }] : [];
    });
  }
}
