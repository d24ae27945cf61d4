/**
 * What a kind of supervisor needs in the directory of a longrun beside what all of them have. The fragments of sh that it is
 * made of are in this folder; which of them are needed, a supervisor's own `service-directory.ts` says.
 */
import type { FileEntry, Longrun } from '@muster/core/model/definition';

export interface Shape {
  /** What the generated `run` does first, for `finish`, and to hold a lock. */
  begin(longrun: Longrun): string[];
  /** What has the supervisor learn that the service is ready; empty if it finds out by itself. */
  awaitReadiness(name: string, longrun: Longrun): string[];
  /** Words before the program that a generated `run` becomes; null if the supervisor does all that itself. */
  readonly isolation: 'setsid' | null;
  /** The generated `finish`; null if the author's own, if there is any, is executed as it is. */
  finish(name: string, longrun: Longrun): string[] | null;
  /** Files and directories with modes of their own, for a directory in which scripts are generated or not. */
  kept(longrun: Longrun, hasScripts: boolean): FileEntry[];
  /** What else it reads. */
  settings(longrun: Longrun): FileEntry[];
}
