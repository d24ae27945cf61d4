/** rc-shutdown: everything down, then the supervisors, then the live directory. */
import type { ControlEvent } from '@muster/control/events';
import { endContainer, isContainer } from '@muster/control/shutdown/container';
import { type ShutdownEnd, type ShutdownProblem, shutdown } from '@muster/control/shutdown/shutdown';
import type { Database } from '@muster/core/model/database';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { rootOf } from '../arguments/paths.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { callerOf } from '../caller.ts';
import { EXIT } from '../exit-codes.ts';
import { print, tell } from '../output.ts';
import { complain } from '../render/complain.ts';
import { listed, namesOf } from '../render/names.ts';
import { summaryAsData } from '../render/outcome.ts';
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
    grace: { short: 'g', value: 'TIME', help: 'the same by another name' },
    'exit-code': { value: 'N', help: 'in a container: what it exits with' },
    directly: {
      help: 'in a container: bring down what the tree supervises, and leave the command of the container alone',
    },
    json: { help: 'print events as JSON' },
    live: LIVE_OPTION,
  },
  examples: [
    ['rc-shutdown', 'leaves no process and no file'],
    ['rc-shutdown --grace 8s', 'says whom it waits for, and kills after 8 seconds'],
    ['rc-shutdown --exit-code 3', 'in a container: ends it'],
  ],
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  if (call.has('timeout') && call.has('grace')) return wrongUsage(PROGRAM, '--grace and --timeout are one option');
  const timeout = timeoutFrom(call, call.has('grace') ? 'grace' : 'timeout');
  if (!timeout.ok) return wrongUsage(PROGRAM, timeout.problem);
  const code = call.value('exit-code');
  if (code !== undefined && !(/^\d{1,3}$/.test(code) && Number(code) <= 255))
    return wrongUsage(PROGRAM, `--exit-code takes a number up to 255, not '${code}'`);
  const root = rootOf(call);
  if (isContainer(root) && !call.has('directly'))
    return await askForEnd(root, code === undefined ? null : Number(code));
  if (code !== undefined) return wrongUsage(PROGRAM, `--exit-code is for containers, and ${root} is none's`);
  const request = { root, timeout: timeout.value };
  const ended = await shutdown(
    request,
    callerOf(PROGRAM, { command: PROGRAM, events: toldOfShutdown(call.has('json')) }),
  );
  return ended.ok ? STATUS[ended.value] : complainAboutShutdown(ended.problem);
}

/** Its process 1 does the work, by its own grace. */
async function askForEnd(root: string, status: number | null): Promise<number> {
  if (await endContainer(root, status)) return EXIT.success;
  return complain(PROGRAM, `nobody listens in ${root} any more: --directly does the same without`, EXIT.failed);
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

function toldOfShutdown(json: boolean) {
  let say = tell as (line: string) => void;
  const next = sequence();
  const begin = (database: Database) => {
    const lines = progressInLines(database, json, next);
    say = lines.write;
    return lines;
  };
  const people = tellingPeople('muster');
  const others = (event: ControlEvent): void => {
    switch (event.event) {
      case 'still-stopping': {
        const services = namesOf(event.database, event.services);
        if (json) {
          const at = new Date().toISOString();
          print(`${JSON.stringify({ version: 1, seq: next(), at, event: event.event, services })}\n`);
          break;
        }
        const names = listed(services);
        say(`waiting  for ${names} to stop; rc-signal -s KILL NAME ends one, rc-shutdown -t TIME after Ctrl-C all\n`);
        break;
      }
      case 'ended':
        if (json) print(`${JSON.stringify(summaryAsData(event.database, event.outcome, next()))}\n`);
        else tell(renderSummary(event.database, event.outcome, event.elapsed));
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
