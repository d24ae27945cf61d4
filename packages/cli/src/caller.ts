/** A command as control sees it. */
import type { Caller } from '@muster/control/caller';
import { commandLine } from './command-line.ts';
import { ownTerminal } from './console.ts';
import { tellingPeople } from './render/told.ts';

/** Told in words, with the terminal that it has, and never called off. `program`: in whose name it is told. */
export function callerOf(program: string, own: Partial<Caller> = {}): Caller {
  return {
    command: commandLine(program),
    muster: process.execPath,
    events: tellingPeople(program),
    signal: new AbortController().signal,
    terminal: own.terminal === undefined ? ownTerminal() : own.terminal,
    ...own,
  };
}
