/**
 * What a script that may ask (flag-console) has for its standard descriptors.
 *
 * A command that has a terminal lends it: the script reads and writes there, in a session of its own, so that no job
 * control comes between. It is opened through /proc, and so is that very terminal, whatever it is called in here. When
 * the script has ended the terminal is as it was before, whoever left it without echo. Without a terminal the script
 * reads from a FIFO, which rc-answer writes into, and its output goes to the log.
 */
import { closeSync, constants, existsSync, openSync, rmSync } from 'node:fs';
import { makeFifo } from '@muster/posix/fifo';
import { SystemError } from '@muster/posix/libc';
import { isRunning } from '@muster/posix/process';
import { isTerminal, openTerminal, setTerminal, type TerminalSettings, terminalSettings } from '@muster/posix/terminal';
import { answerPath, type Lender } from '@muster/protocol/oneshots/protocol';
import { CONSOLE_FLAG } from '@muster/store/live/service-files';

export interface Console {
  readonly kind: Lender | 'answer';
  /** Own descriptor to the script's. */
  readonly descriptors: readonly (readonly [own: number, scripts: number])[];
  /** The script runs, and has what it needs. */
  begun(): void;
  /** The script has ended. */
  end(): void;
}

export function mayAsk(directory: string): boolean {
  return existsSync(`${directory}/${CONSOLE_FLAG}`);
}

/** `gone`: the lender has ended. Null if what it lends is no terminal that can be opened here. */
export function borrowTerminal(lender: Lender): Console | 'gone' | null {
  let terminal: number;
  try {
    terminal = openTerminal(`/proc/${lender.pid}/fd/${lender.descriptor}`);
  } catch {
    return isRunning(lender.pid, lender.startTime) ? null : 'gone';
  }
  if (!isRunning(lender.pid, lender.startTime)) {
    closeSync(terminal);
    return 'gone';
  }
  const settings = isTerminal(terminal) ? terminalSettings(terminal) : null;
  if (settings === null) {
    closeSync(terminal);
    return null;
  }
  return {
    kind: lender,
    descriptors: [0, 1, 2].map((scripts) => [terminal, scripts] as const),
    begun: () => {},
    end: () => {
      restore(terminal, settings);
      closeSync(terminal);
    },
  };
}

/** The script itself keeps the FIFO open for writing too: so it never ends, whatever becomes of us. Throws what the system says. */
export function openAnswers(directory: string): Console {
  const path = answerPath(directory);
  rmSync(path, { force: true });
  makeFifo(path, 0o600);
  const answers = openOrRemove(path);
  return {
    kind: 'answer',
    descriptors: [[answers, 0]],
    begun: () => closeSync(answers),
    end: () => rmSync(path, { force: true }),
  };
}

function openOrRemove(fifo: string): number {
  try {
    return openSync(fifo, constants.O_RDWR);
  } catch (error) {
    rmSync(fifo, { force: true });
    throw error;
  }
}

/** Of a script that an earlier runner started. How its terminal was before, the lender knows. */
export function adoptConsole(directory: string, kind: Lender | 'answer'): Console {
  const end = kind === 'answer' ? () => rmSync(answerPath(directory), { force: true }) : () => {};
  return { kind, descriptors: [], begun: () => {}, end };
}

function restore(terminal: number, settings: TerminalSettings): void {
  try {
    setTerminal(terminal, settings);
  } catch (error) {
    // It has been hung up: nobody sees how it is.
    if (!(error instanceof SystemError)) throw error;
  }
}
