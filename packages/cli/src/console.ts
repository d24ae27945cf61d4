/** The terminal of a command that changes something: on which scripts may ask, and meanwhile nothing is said. */
import { failure, type Result, success } from '@muster/core/result';
import { isConsole, isTerminal, keyboardOwner, openTerminal } from '@muster/posix/terminal';

/** Somebody who writes, and can be silent for a while. Nothing is lost: it comes later. */
export interface Speaker {
  pause(): void;
  resume(): void;
}

const INPUT = 0;
const PEOPLE = 2;

/**
 * The terminal on which scripts may ask: standard input, or where people are told things. Null if nobody sits there. In
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

/** The one that an option names, else our own. A problem: what is wrong with the option. */
export function chosenTerminal(option: string | undefined): Result<number | null, string> {
  if (option === undefined) return success(ownTerminal());
  if (option === 'none') return success(null);
  let terminal: number;
  try {
    terminal = openTerminal(option);
  } catch (error) {
    return failure(`unable to open ${option}: ${(error as NodeJS.ErrnoException).code}`);
  }
  return isTerminal(terminal) ? success(terminal) : failure(`${option} is no terminal`);
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
