/**
 * Everything that is settled before a container's process 1 compiles anything. The way of a container:
 *
 *     prepare     places, environment, sources, settings (this file); an extension may change all of it
 *     database    what is compiled already, if it is new enough, else compiled now, into RAM (database.ts)
 *     live        a live directory made afresh (live.ts)
 *     tree        this process supervises it from now on (container.ts)
 *     boot        `default` up, by a child (engine.ts)
 *     command     what the container was started for (command.ts)
 *     stop        command, then services, in order, by a child again; what is left is killed (ending.ts)
 *     status      what the container exits with (exit-status.ts)
 */
import type { Result } from '@muster/core/result';
import type { Environment } from './environment.ts';
import type { Places } from './places.ts';

export interface Settings {
  /** Milliseconds from the first request to stop until what is left is killed. */
  readonly grace: number;
  /** What a service does to the container that fails in the boot, or is given up later. */
  readonly onFailure: 'go-on' | 'exit';
  /** The service whose end is the container's; null if there is none. */
  readonly exitWith: string | null;
  /** What is brought up first: a bundle or a service. */
  readonly boot: string;
  /** Milliseconds until the boot is given up, and the command started; null: it is waited for. */
  readonly bootLimit: number | null;
  /** Lines of services bear their names. */
  readonly prefix: boolean;
  /** Each step of the boot and the stop is told, not only what goes wrong. */
  readonly verbose: boolean;
}

/** Called in this process; they must not block. */
export interface Hooks {
  /** The command has ended with this status, before anything is stopped. */
  readonly commandEnded?: (status: number) => void;
  /** Everything is down: what the container shall exit with, which would be `status`. */
  readonly lastStatus?: (status: number) => number;
}

export interface Preparation {
  readonly places: Places;
  /** Of services; theirs alone. */
  readonly environment: Environment;
  /** Of the command. */
  readonly commandEnvironment: Environment;
  /** Source directories, compiled together. */
  readonly sources: readonly string[];
  readonly settings: Settings;
  readonly hooks: Hooks;
  /** The command: words, the first of which is looked for in PATH. Empty if there is none. */
  readonly command: readonly string[];
}

/** Why the container cannot be started, for people, and what it exits with. */
export interface StartProblem {
  readonly status: number;
  readonly message: string;
}

/**
 * What makes another format's directories into a source: it may write that source (into RAM, beside the live directory:
 * `places.scratch`), add its settings, hooks and environment, and say what it does not take.
 */
export type Extension = (preparation: Preparation, tell: (line: string) => void) => Result<Preparation, StartProblem>;
