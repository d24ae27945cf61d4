/**
 * Everything that implements the engine's port `Supervisor`: the drivers of the three kinds of supervisors, each on a live
 * directory of its own that the product's own code makes, and the machine of the engine's simulation. The suite asks the
 * same of all of them; where one truly differs, `DIFFERENCES` says so and why.
 */
import { spawnSync } from 'node:child_process';
import type { Supervisor } from '@muster/core/execute/ports';
import type { ServiceId } from '@muster/core/model/database';
import type { Exit, LongrunObservation, Observation, OneshotObservation } from '@muster/core/model/observation';
import type { Behaviour } from '@muster/core/test/simulation/behaviour';
import { afterAll, beforeAll, describe } from 'vitest';
import { openSimulated } from './simulated.ts';
import { openSupervised } from './supervised.ts';

export type Kind = 'embedded' | 's6' | 'runit' | 'simulated';

/** One service of a test, as a definition and as the simulation plays it. */
export interface Role {
  /** By their paths in the definition; a `*` at the end marks an executable. */
  readonly files: Readonly<Record<string, string>>;
  /** What differs from a well-behaved one. */
  readonly simulated?: Partial<Behaviour>;
  /** Simulated: how it dies when it is given a line. */
  readonly obeys?: Exit;
}

/** `directory`: where the scripts can find what the test leaves for them. A FIFO `gate-NAME` is there for each service. */
export type Cast = (directory: string) => Readonly<Record<string, Role>>;

export interface Stage {
  readonly kind: Kind;
  readonly directory: string;
  readonly supervisor: Supervisor;
  id(name: string): ServiceId;
  /** What clients see that know nothing of what others have told and seen: one that looks once, and one that stays. */
  others(name: string): Promise<readonly Observation[]>;
  /**
   * Waits until `condition` holds, and looks only when the watch says that something has changed: a change that it does not
   * tell of fails the test.
   */
  until(what: string, condition: () => boolean): Promise<void>;
  longrun(name: string): LongrunObservation;
  oneshot(name: string): OneshotObservation;
  /** Sends a signal to the process of a longrun, past its supervisor. */
  strike(name: string, signal: 'SIGKILL' | 'SIGTERM'): void;
  /** Writes a line into the service's gate. */
  give(name: string, line: string): void;
  /** Kills every supervisor, and nothing that they supervise. */
  lose(): Promise<void>;
  close(): Promise<void>;
}

export const DIFFERENCES = {
  'watch does not tell that a supervisor was killed': {
    on: ['s6', 'runit'],
    why: 'who dies of SIGKILL writes nothing, and there is no connection that could end: the next look sees it',
  },
  'signals are not carried out': {
    on: ['simulated'],
    why: 'its processes are behaviours: they end when told, always as of SIGTERM, and have nothing to reload',
  },
} as const satisfies Readonly<Record<string, { readonly on: readonly Kind[]; readonly why: string }>>;

export function differs(kind: Kind, difference: keyof typeof DIFFERENCES): boolean {
  return (DIFFERENCES[difference].on as readonly Kind[]).includes(kind);
}

const PROGRAMS = { embedded: null, s6: 's6-svscan', runit: 'runsvdir', simulated: null } as const;

function subjectsHere(): Kind[] {
  return (['embedded', 's6', 'runit', 'simulated'] as const).filter((kind) => {
    const program = PROGRAMS[kind];
    const isHere = program === null || spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
    if (!isHere) console.log(`skipped on ${kind}: there is no ${program} here`);
    return isHere;
  });
}

/** The same tests on each, on one stage for all of them. */
export function onEverySupervisor(cast: Cast, define: (stage: () => Stage, kind: Kind) => void): void {
  describe.each(subjectsHere())('%s', (kind) => {
    let stage: Stage;
    beforeAll(async () => {
      stage = kind === 'simulated' ? openSimulated(cast) : await openSupervised(kind, cast);
    });
    afterAll(() => stage.close());
    define(() => stage, kind);
  });
}
