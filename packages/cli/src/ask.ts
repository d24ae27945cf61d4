/** Asking a person on a terminal for what nobody else may see. */
import { runtime } from '@muster/posix/runtime/runtime';
import { raiseSignal } from '@muster/posix/signals';
import { setTerminal, terminalSettings, withoutEcho } from '@muster/posix/terminal';
import { tell } from './output.ts';

/** What ends a command by default, and would leave the terminal without echo. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
const NEWLINE = 10;

/** The line that was typed, with its newline. Null if the end of input came first. A signal ends the process, as ever. */
export async function askOnTerminal(terminal: number, prompt: string): Promise<Uint8Array | null> {
  const before = terminalSettings(terminal);
  if (before === null) return null;
  const restore = () => setTerminal(terminal, before);
  const leave = (signal: NodeJS.Signals) => leaveBy(signal, restore);
  for (const signal of ENDING) process.on(signal, leave);
  setTerminal(terminal, withoutEcho(before));
  try {
    tell(prompt);
    return await lineFrom(terminal);
  } finally {
    restore();
    tell('\n');
    for (const signal of ENDING) process.off(signal, leave);
  }
}

function leaveBy(signal: NodeJS.Signals, restore: () => void): void {
  restore();
  tell('\n');
  process.removeAllListeners(signal);
  raiseSignal(signal);
}

/** A terminal gives a whole line at once. */
async function lineFrom(terminal: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  const chunks = runtime.chunksOf(terminal);
  for (let isWhole = false; !isWhole; ) {
    const part = await chunks.next();
    if (part !== null) parts.push(part);
    isWhole = part?.includes(NEWLINE) ?? true;
  }
  await chunks.cancel();
  const bytes = Buffer.concat(parts);
  return bytes.length === 0 ? null : bytes;
}
