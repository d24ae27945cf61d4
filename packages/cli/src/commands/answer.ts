/** rc-answer: gives an answer to a oneshot that asks the operator and has no terminal. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Opened } from '@muster/control/open/read';
import { nameOf, type ServiceId } from '@muster/core/model/database';
import { writeFifo } from '@muster/posix/fifo';
import { isTerminal } from '@muster/posix/terminal';
import { answerPath } from '@muster/protocol/oneshots/protocol';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { lookAtSelected } from '../look.ts';
import { complain } from '../render/complain.ts';
import { listed, namesOf } from '../render/names.ts';
import { complainAboutProblem } from '../render/problems.ts';

const PROGRAM = 'rc-answer';
const INPUT = 0;
const NEWLINE = 10;
/** Bytes with the newline: so many arrive in one piece. */
const LONGEST = 4096;

export const command: Command = {
  summary: 'Answers a oneshot that asks and has no terminal',
  operands: 'NAME',
  options: {
    live: LIVE_OPTION,
  },
  examples: [
    ['rc-answer unlock', 'type the passphrase for unlock, which is not shown'],
    ['rc-answer unlock < passphrase', 'the first line of a file'],
  ],
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  if (call.operands.length !== 1) return wrongUsage(PROGRAM, 'which one service?');
  const looked = lookAtSelected(call);
  if (!looked.ok) return complainAboutProblem(PROGRAM, looked.problem);
  const opened = looked.value;
  const { database, live, records } = opened;
  const asking = whoAsks(opened, opened.chosen);
  records.close();
  const [service, ...others] = asking;
  if (service === undefined) return complain(PROGRAM, `${call.operands[0]} does not wait for an answer`, EXIT.failed);
  if (others.length > 0) {
    return complain(PROGRAM, `${listed(namesOf(database, asking))} wait for answers: which one?`, EXIT.failed);
  }
  const name = nameOf(database, service);
  const answer = isTerminal(INPUT) ? await typedAnswer(name) : firstLine(readFileSync(INPUT));
  if (answer === null) return complain(PROGRAM, 'there is no answer to give', EXIT.failed);
  if (answer.length > LONGEST) return complain(PROGRAM, `an answer has at most ${LONGEST - 1} bytes`, EXIT.failed);
  return give(name, answerPath(join(live.paths.services, name)), answer);
}

/** Those of `services` that wait for an answer now. */
function whoAsks(opened: Opened, services: readonly ServiceId[]): ServiceId[] {
  const supervisor = openSupervisor(opened);
  return services.filter((service) => {
    const seen = supervisor.observe(service);
    return seen.kind === 'oneshot' && seen.asks === 'answer';
  });
}

async function typedAnswer(name: string): Promise<Uint8Array | null> {
  const { askOnTerminal } = await import('../ask.ts');
  return await askOnTerminal(INPUT, `answer for ${name}: `);
}

/** With its newline, which is added if it is missing. Null if there is nothing at all. */
function firstLine(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length === 0) return null;
  const end = bytes.indexOf(NEWLINE);
  return end === -1 ? Buffer.concat([bytes, Buffer.of(NEWLINE)]) : bytes.subarray(0, end + 1);
}

function give(name: string, path: string, answer: Uint8Array): number {
  switch (writeFifo(path, answer)) {
    case 'written':
      return EXIT.success;
    case 'unread':
      return complain(PROGRAM, `${name} does not wait for an answer any more`, EXIT.failed);
    case 'full':
      return complain(PROGRAM, `${name} does not read the answers that it got already`, EXIT.failed);
  }
}
