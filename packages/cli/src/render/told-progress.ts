/** What is done in a live directory, as it happens: every plan that is carried out has a progress of its own. */
import type { ControlEvent, ControlEventSink } from '@muster/control/events';
import type { EventSink } from '@muster/core/execute/ports';
import type { Database } from '@muster/core/model/database';
import { pausable, type Speaker } from '../console.ts';
import { print, tell } from '../output.ts';
import { jsonProgress, plainProgress } from './progress.ts';

/** Silent while a script has the terminal. */
export type Progress = EventSink & Speaker;

/** Lines on standard error, or JSON on standard output; `nextSequence` numbers the latter. */
export function progressInLines(
  database: Database,
  json: boolean,
  nextSequence: () => number,
  through: (write: (text: string) => void) => (text: string) => void = (write) => write,
): Progress & { write(line: string): void } {
  const lines = pausable(through(json ? print : tell));
  const steps = json ? jsonProgress(database, lines.write, nextSequence) : plainProgress(database, lines.write);
  return { ...lines, emit: (event) => steps.emit(event) };
}

/** Numbers from 1. */
export function sequence(): () => number {
  let last = 0;
  return () => ++last;
}

/** `begin`: a plan of so many steps is about to be carried out. What is no progress is passed on to `others`. */
export function toldProgress(
  begin: (database: Database, steps: number) => Progress,
  others: (event: ControlEvent) => void,
): ControlEventSink {
  let progress: Progress | null = null;
  return {
    emit: (event) => {
      switch (event.event) {
        case 'begins':
          progress = begin(event.database, event.steps);
          break;
        case 'step':
          progress?.emit(event.step);
          break;
        case 'terminal-lent':
          progress?.pause();
          break;
        case 'terminal-returned':
          progress?.resume();
          break;
        default:
          others(event);
      }
    },
  };
}
