/** A terminal that is lent to scripts, in a change that may be broken off. */
import { closeSync, constants, openSync } from 'node:fs';
import { FLAG, serviceId } from '@muster/core/model/database';
import { setTerminal, terminalSettings, withoutEcho } from '@muster/posix/terminal';
import { expect, onTestFinished, test } from 'vitest';
import type { ControlEvent } from '../src/events.ts';
import { lendingOf } from '../src/lending.ts';

const [ASKS, ASKS_TOO] = [serviceId(0), serviceId(1)];
const DATABASE = { flags: Uint8Array.of(FLAG.console, FLAG.console) };

function lendingOn(terminal: number) {
  const told: ControlEvent['event'][] = [];
  const events = { emit: ({ event }: ControlEvent) => told.push(event) };
  return { lending: lendingOf(DATABASE, { terminal, events }, { emit: () => {} }), told };
}

function newTerminal(): number {
  const terminal = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY);
  onTestFinished(() => closeSync(terminal));
  return terminal;
}

test('at the end of a change that was broken off the terminal is as it was, and is told to be returned, once', () => {
  const terminal = newTerminal();
  const before = terminalSettings(terminal)!;
  const { lending, told } = lendingOn(terminal);
  expect(lending.lend(ASKS)).not.toBeNull();
  expect(lending.lend(ASKS_TOO)).not.toBeNull();
  setTerminal(terminal, withoutEcho(before));
  expect(terminalSettings(terminal)).not.toEqual(before);
  lending.end();
  lending.end();
  expect(terminalSettings(terminal)).toEqual(before);
  expect(told).toEqual(['terminal-lent', 'terminal-returned']);
});

test('what has been returned is not returned again', () => {
  const { lending, told } = lendingOn(newTerminal());
  lending.lend(ASKS);
  lending.emit({ event: 'up', service: ASKS, elapsed: 1 });
  lending.end();
  expect(told).toEqual(['terminal-lent', 'terminal-returned']);
});

test('a terminal that cannot be set any more is told to be returned', () => {
  const terminal = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY);
  const { lending, told } = lendingOn(terminal);
  lending.lend(ASKS);
  closeSync(terminal);
  lending.end();
  expect(told).toEqual(['terminal-lent', 'terminal-returned']);
});
