/**
 * The terminal of a command that changes something, and the scripts that ask on it (flag-console). While at least one
 * of them has it, what the command has to say is held back.
 */
import type { Event, EventSink } from '@muster/core/execute/ports';
import { type Database, hasFlag, type ServiceId } from '@muster/core/model/database';
import { ownPid, processFacts } from '@muster/posix/process';
import {
  isConsole,
  isTerminal,
  keyboardOwner,
  openTerminal,
  setTerminal,
  type TerminalSettings,
  terminalSettings,
} from '@muster/posix/terminal';
import type { Lender } from '@muster/protocol/oneshots/protocol';

/** Somebody who writes, and can be silent for a while. Nothing is lost: it comes later. */
export interface Speaker {
  pause(): void;
  resume(): void;
}

export interface Lending extends EventSink {
  lend(service: ServiceId): Lender | null;
}

const INPUT = 0;
const PEOPLE = 2;

/**
 * The terminal on which scripts may ask: standard input, or where people are told things. Null: nobody sits there. In
 * the background the keyboard is somebody else's. Standard error may be a terminal by inheritance only, as in a daemon:
 * one that is not ours to control counts only if it is /dev/console, where an operator is expected at boot.
 */
export function ownTerminal(): number | null {
  for (const descriptor of [INPUT, PEOPLE]) {
    if (!isTerminal(descriptor)) continue;
    const owner = keyboardOwner(descriptor);
    if (owner === 'us') return descriptor;
    if (owner === 'unknown' && (descriptor === INPUT || isConsole(descriptor))) return descriptor;
  }
  return null;
}

/** The one that an option names, else our own. A text: what is wrong with the option. */
export function chosenTerminal(option: string | undefined): number | null | string {
  if (option === undefined) return ownTerminal();
  if (option === 'none') return null;
  let terminal: number;
  try {
    terminal = openTerminal(option);
  } catch (error) {
    return `unable to open ${option}: ${(error as NodeJS.ErrnoException).code}`;
  }
  return isTerminal(terminal) ? terminal : `${option} is no terminal`;
}

/** Passes events on to `sink`, which speaks through `speaker`. */
export function lendingOf(
  database: Pick<Database, 'flags'>,
  terminal: number | null,
  speaker: Speaker,
  sink: EventSink,
): Lending {
  const borrowers = new Set<ServiceId>();
  let settings: TerminalSettings | null = null;
  const takeBack = (service: ServiceId) => {
    if (!borrowers.delete(service) || borrowers.size > 0) return;
    // The runner has done so already, unless it was killed meanwhile.
    if (settings !== null && terminal !== null) setTerminal(terminal, settings);
    speaker.resume();
  };
  return {
    lend: (service) => {
      if (terminal === null || !hasFlag(database, service, 'console')) return null;
      if (borrowers.size === 0) {
        settings = terminalSettings(terminal);
        speaker.pause();
      }
      borrowers.add(service);
      const pid = ownPid();
      return { pid, startTime: processFacts(pid)!.startTime, descriptor: terminal };
    },
    emit: (event) => {
      sink.emit(event);
      if (isEnd(event)) takeBack(event.service);
    },
  };
}

function isEnd({ event }: Event): boolean {
  switch (event) {
    case 'up':
    case 'ready':
    case 'down':
    case 'reloaded':
    case 'failed':
    case 'skipped':
    case 'overruled':
    case 'died':
    // Its terminal could not be opened where scripts are run.
    case 'asks':
      return true;
    case 'starting':
    case 'stopping':
    case 'reloading':
    case 'left-running':
    case 'waiting':
      return false;
  }
}

/** Holds back lines. */
export function pausable(write: (line: string) => void): Speaker & { write(line: string): void } {
  let held: string[] | null = null;
  return {
    write: (line) => {
      if (held === null) write(line);
      else held.push(line);
    },
    pause: () => {
      held ??= [];
    },
    resume: () => {
      const lines = held ?? [];
      held = null;
      for (const line of lines) write(line);
    },
  };
}
