/** Sending signals, and what this process was told to ignore. */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { libc } from './libc.ts';

/** Whether there was such a process, and this one may. */
export function sendSignal(pid: number, signal: number): boolean {
  return libc().kill(pid, signal) === 0;
}

/** Whether there was a process in that group, and this one may. */
export function sendGroupSignal(group: number, signal: number): boolean {
  return libc().kill(-group, signal) === 0;
}

/** `TERM`, `SIGTERM`, `term`, `15`; undefined if there is no such signal. */
export function signalNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return number >= 1 && number <= 64 ? number : undefined;
  }
  const upper = text.toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  return Object.hasOwn(constants.signals, name) ? constants.signals[name as NodeJS.Signals] : undefined;
}

/** The signals that this process ignores now. */
export function ignoredSignals(): Set<number> {
  const mask = BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0'}`);
  const ignored = new Set<number>();
  for (let signal = 1; signal <= 64; signal++) if ((mask >> BigInt(signal - 1)) & 1n) ignored.add(signal);
  return ignored;
}
