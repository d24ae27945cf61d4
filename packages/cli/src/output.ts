/**
 * Where text goes: standard output is the answer, standard error is for people. Both are written with plain system
 * calls, because Bun's `process.stdout` takes 5 ms to set up (docs/decisions/output.md).
 *
 * Nobody reading any more (`| head -1`) ends a command that answers, however long it would go on, but not one that acts:
 * what a change has begun it must finish. An answer that cannot be written for another reason, as on a full disk, is told
 * at the end, which is then a failure.
 */
import { writeSync } from 'node:fs';
import { explainCode } from '@muster/core/diagnostics/system-errors';
import { waitUntilWritable } from '@muster/posix/poll';
import { isTerminal } from '@muster/posix/terminal';
import { EXIT } from './exit-codes.ts';

const ANSWER = 1;
const PEOPLE = 2;

export type ColorChoice = 'auto' | 'always' | 'never';

let choice: ColorChoice = 'auto';
let isActing = false;
/** Of the answer: the code of the first error. */
let failure: string | null = null;

/** To standard output. */
export function print(text: string | Uint8Array): void {
  if (failure === null) failure = write(ANSWER, text);
  if (failure === 'EPIPE' && !isActing) process.exit(EXIT.success);
}

/** To standard error. */
export function tell(text: string | Uint8Array): void {
  write(PEOPLE, text);
}

/** The command that runs changes something: it goes on when nobody reads its output. */
export function outliveReaders(): void {
  isActing = true;
}

/** The exit status of a command that would exit with `status`, had its answer been written. */
export function statusAfterOutput(status: number): number {
  if (failure === null || failure === 'EPIPE' || failure === 'EBADF') return status;
  tell(`${process.argv0}: write to standard output: ${explainCode(failure)}\n`);
  return status === EXIT.success ? EXIT.systemCall : status;
}

/** Like `write`, but what is said in one go is written in one go, before anything that waits continues. */
export function together(write: (text: string) => void): (text: string) => void {
  let gathered = '';
  return (text) => {
    if (gathered === '') {
      queueMicrotask(() => {
        const all = gathered;
        gathered = '';
        write(all);
      });
    }
    gathered += text;
  };
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

/** Null, or the code of the error that kept some of it from being written. */
function write(descriptor: number, text: string | Uint8Array): string | null {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN') return code ?? String(error);
      waitUntilWritable(descriptor);
    }
  }
  return null;
}
