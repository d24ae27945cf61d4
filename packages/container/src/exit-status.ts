/** What a container exits with. */
import type { Exit } from '@muster/core/model/observation';

/** As a shell tells how a process ended: its exit code, or 128 and the signal's number. */
export function statusOfExit({ code, signal }: Exit): number {
  return signal === 0 ? code : 128 + signal;
}

/** Why a container ends. */
export type Ending =
  /** By a signal to its process 1, or rc-shutdown; `status`: what the latter said. */
  | { readonly why: 'asked'; readonly status: number | null }
  /** The command has ended, or could not be started. */
  | { readonly why: 'command'; readonly status: number }
  /** The service of --exit-with has ended. */
  | { readonly why: 'service'; readonly status: number }
  /** A service has failed, or its definition ends the container. */
  | { readonly why: 'failure'; readonly status: number };

/** How what may decide about it has ended; null: it was not there, or not started. */
export interface KnownEnds {
  readonly command: number | null;
  readonly service: number | null;
}

export function exitStatus(ending: Ending, { command, service }: KnownEnds): number {
  return ending.status ?? command ?? service ?? 0;
}
