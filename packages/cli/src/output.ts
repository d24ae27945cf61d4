/**
 * Where text goes: standard output is the answer, standard error is for people. Both are written with plain system
 * calls, because Bun's `process.stdout` takes 5 ms to set up (docs/decisions/output.md).
 *
 * Nobody reading any more (`| head -1`), or a descriptor that was closed before, ends the text and not the command: what a
 * change has begun it must finish.
 */
import { writeSync } from 'node:fs';
import { waitUntilWritable } from '@muster/posix/poll';
import { isTerminal } from '@muster/posix/terminal';

const ANSWER = 1;
const PEOPLE = 2;

export type ColorChoice = 'auto' | 'always' | 'never';

let choice: ColorChoice = 'auto';

/** To standard output. */
export function print(text: string | Uint8Array): void {
  write(ANSWER, text);
}

/** To standard error. */
export function tell(text: string | Uint8Array): void {
  write(PEOPLE, text);
}

export function chooseColor(chosen: ColorChoice): void {
  choice = chosen;
}

/** Whether what `print` writes is coloured. */
export function printsInColor(): boolean {
  return isColored(ANSWER);
}

/** Whether what `tell` writes is coloured. */
export function tellsInColor(): boolean {
  return isColored(PEOPLE);
}

/** Whether a person sees what `print` writes. */
export function printsToTerminal(): boolean {
  return isTerminal(ANSWER);
}

/** Whether a person sees what `tell` writes. */
export function tellsToTerminal(): boolean {
  return isTerminal(PEOPLE);
}

/** `NO_COLOR` as in no-color.org. */
function isColored(descriptor: number): boolean {
  if (choice !== 'auto') return choice === 'always';
  return !process.env.NO_COLOR && process.env.TERM !== 'dumb' && isTerminal(descriptor);
}

function write(descriptor: number, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      waitUntilWritable(descriptor);
    }
  }
}
