/** What a service needs of the tree that it is in. */
import type { EventLetter } from '@muster/protocol/s6/control';
import type { ChildrenFile } from '../children-file.ts';
import type { Processes } from '../processes.ts';
import type { Loop, System } from '../system/system.ts';

/** Where services without a logger write to. */
export interface ServiceOutput {
  /** A descriptor for the standard output and error of a process of `service`, to be closed once the process has it. */
  open(service: string): number;
  /** Likewise, for standard error alone; undefined if both are one. */
  openErrors?(service: string): number | undefined;
  /** The process has ended: its last line is complete. */
  finish(service: string): void;
  /** Likewise, and no other follows soon: nothing is held for it any more. */
  release(service: string): void;
  /** A line about the service, in place of what it could not write itself. */
  note(service: string, message: string): void;
  /** The service is gone. */
  forget(service: string): void;
}

/** How a process of a service has ended. */
export interface ServiceEnd {
  /** As wait(2) gives it; 255 as exit code stands for what nobody could learn. */
  readonly waitStatus: number;
  /** The service, or its process, was told to end. */
  readonly isAsked: boolean;
  /** It has failed, and is not started again: its rules say so. */
  readonly isGivenUp: boolean;
}

/** Those that a service starts and adopts. */
export type ServiceProcesses = Pick<
  Processes,
  'adopt' | 'childPids' | 'hasRoomFor' | 'openFiles' | 'signal' | 'signalGroup' | 'start'
>;

export interface ServiceHost {
  readonly system: System;
  readonly reactor: Loop;
  readonly processes: ServiceProcesses;
  readonly children: ChildrenFile;
  /** Takes what services without a logger write; undefined if they write where the tree does. */
  readonly output: ServiceOutput | undefined;
  /** A descriptor of /dev/null. */
  readonly nothing: number;
  warn(message: string): void;
  /** An event was written to `event/` of the service of that name. */
  told(service: string, letter: EventLetter): void;
  /** A process of the service of that name has ended; called before it is started again. */
  ended(service: string, end: ServiceEnd): void;
  /** Everything is to end, in order, and what was booted here (a container) with `status`: for what a service's own files ask for. */
  endEverything(status: number): void;
  /** The service has exited, as s6-supervise does. */
  left(service: { readonly name: string }): void;
}
