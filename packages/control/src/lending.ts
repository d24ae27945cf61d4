/** The caller's terminal, and the scripts that ask on it (flag-console). */
import type { Event, EventSink as StepSink } from '@muster/core/execute/ports';
import { type Database, hasFlag, type ServiceId } from '@muster/core/model/database';
import { ownPid, processFacts } from '@muster/posix/process';
import { setTerminal, type TerminalSettings, terminalSettings } from '@muster/posix/terminal';
import type { Lender } from '@muster/protocol/oneshots/protocol';
import type { Caller } from './caller.ts';

export interface Lending extends StepSink {
  lend(service: ServiceId): Lender | null;
  /** The change is over, and may have been broken off: takes back what is still lent. */
  end(): void;
}

/** Passes events of steps on to `steps`, and tells the caller when its terminal is lent and when it has it back. */
export function lendingOf(
  database: Pick<Database, 'flags'>,
  { terminal, events }: Pick<Caller, 'terminal' | 'events'>,
  steps: StepSink,
): Lending {
  const borrowers = new Set<ServiceId>();
  let settings: TerminalSettings | null = null;
  const restore = () => {
    if (settings !== null && terminal !== null) setTerminal(terminal, settings);
  };
  const takeBack = (service: ServiceId) => {
    if (!borrowers.delete(service) || borrowers.size > 0) return;
    // The runner has done so already, unless it was killed meanwhile.
    restore();
    events.emit({ event: 'terminal-returned' });
  };
  return {
    lend: (service) => {
      if (terminal === null || !hasFlag(database, service, 'console')) return null;
      const pid = ownPid();
      const self = processFacts(pid);
      // Without a /proc nobody could open it.
      if (self === null) return null;
      if (borrowers.size === 0) {
        settings = terminalSettings(terminal);
        events.emit({ event: 'terminal-lent' });
      }
      borrowers.add(service);
      return { pid, startTime: self.startTime, descriptor: terminal };
    },
    emit: (event) => {
      steps.emit(event);
      if (isEnd(event)) takeBack(event.service);
    },
    end: () => {
      if (borrowers.size === 0) return;
      borrowers.clear();
      try {
        restore();
      } catch {
        // It has been hung up. What broke the change off is what the caller has to hear of.
      }
      events.emit({ event: 'terminal-returned' });
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
