/** rc-shutdown: everything down, then the supervisors, then the live directory. */
import type { ControlEvent } from '@muster/control/events';
import { type ShutdownEnd, type ShutdownProblem, shutdown } from '@muster/control/shutdown/shutdown';
import type { Database } from '@muster/core/model/database';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { rootOf } from '../arguments/paths.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { callerOf } from '../caller.ts';
import { EXIT } from '../exit-codes.ts';
import { tell } from '../output.ts';
import { complain } from '../render/complain.ts';
import { listed, namesOf } from '../render/names.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { renderSummary } from '../render/summary.ts';
import { tellingPeople } from '../render/told.ts';
import { progressInLines, sequence, toldProgress } from '../render/told-progress.ts';

const PROGRAM = 'rc-shutdown';
const STATUS: Readonly<Record<ShutdownEnd, number>> = {
  'in-order': EXIT.success,
  'by-force': EXIT.failed,
  'by-another': EXIT.success,
  outlived: EXIT.success,
};

export const command: Command = {
  summary: 'Brings everything down, ends the supervision tree, and removes the live directory',
  options: {
    timeout: { short: 't', value: 'TIME', help: 'for the services; what is not down then is killed with the tree' },
    live: LIVE_OPTION,
  },
  examples: [['rc-shutdown', 'leaves no process and no file']],
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  const timeout = timeoutFrom(call);
  if (!timeout.ok) return wrongUsage(PROGRAM, timeout.problem);
  const request = { root: rootOf(call), timeout: timeout.value };
  const ended = await shutdown(request, callerOf(PROGRAM, { command: PROGRAM, events: toldOfShutdown() }));
  return ended.ok ? STATUS[ended.value] : complainAboutShutdown(ended.problem);
}

function complainAboutShutdown(problem: ShutdownProblem): number {
  switch (problem.kind) {
    case 'late':
      return complain(PROGRAM, `time ran out while ${problem.holder} was at it`, EXIT.timedOut);
    case 'unkillable':
      return complain(PROGRAM, 'there are processes that cannot be killed', EXIT.failed);
    default:
      return complainAboutProblem(PROGRAM, problem);
  }
}

function toldOfShutdown() {
  let say = tell as (line: string) => void;
  const begin = (database: Database) => {
    const lines = progressInLines(database, false, sequence());
    say = lines.write;
    return lines;
  };
  const people = tellingPeople('muster');
  const others = (event: ControlEvent): void => {
    switch (event.event) {
      case 'still-stopping': {
        const names = listed(namesOf(event.database, event.services));
        say(`waiting  for ${names} to stop; rc-signal -s KILL NAME ends one, rc-shutdown -t TIME after Ctrl-C all\n`);
        break;
      }
      case 'ended':
        tell(renderSummary(event.database, event.outcome, event.elapsed));
        break;
      case 'overrides':
        complainAboutProblem(PROGRAM, event.hindrance);
        break;
      case 'forces':
        tell(`${PROGRAM}: what runs there is ended by force, and the directory removed\n`);
        break;
      default:
        people.emit(event);
    }
  };
  return toldProgress(begin, others);
}
