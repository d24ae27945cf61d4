/** rc-status: how every service is. Takes no lock, and never waits. */

import { Succession } from '@muster/control/open/succession';
import { timeSince } from '@muster/control/status/age';
import type { ServiceStatus } from '@muster/control/status/service-status';
import { type StatusReport, status } from '@muster/control/status/status';
import { healthOf, isTrouble } from '@muster/control/status/trouble';
import type { TreeAbsence } from '@muster/supervisors/supervisor-adapter';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { rootOf } from '../arguments/paths.ts';
import { formatDuration } from '../duration.ts';
import { EXIT } from '../exit-codes.ts';
import { lookAt, people } from '../look.ts';
import { print, printsInColor, printsToTerminal, tell } from '../output.ts';
import { complain } from '../render/complain.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { renderStatuses, renderStatusTree, statusAsData } from '../render/status-table.ts';
import { tellDifferences } from '../render/told.ts';

const PROGRAM = 'rc-status';
/** Milliseconds between looks with --watch. */
const LOOK = 500;

const HEALTH = { healthy: EXIT.success, booting: EXIT.timedOut, failed: EXIT.failed } as const;

export const command: Command = {
  summary: 'Shows how services are',
  operands: '[NAME…]',
  options: {
    tree: { help: 'below each service, what needs it' },
    failed: { help: 'only what is not as it should be' },
    watch: { help: 'again and again, until the live directory ends' },
    check: {
      help: 'exit 1 unless all that is wanted is up and ready, and can write its log; 2 while a container boots',
    },
    json: { help: 'as JSON' },
    live: LIVE_OPTION,
  },
  examples: [
    ['rc-status', 'all services'],
    ['rc-status --check && echo fine', 'a health check'],
  ],
  run,
};

async function run(call: Call): Promise<number> {
  return call.has('watch') ? await watch(call) : show(call);
}

/** Until interrupted, nothing has the names that were given any more, or the live directory has ended. */
async function watch(call: Call): Promise<number> {
  const looked = lookAt(rootOf(call));
  if (!looked.ok) return complainAboutProblem(PROGRAM, looked.problem);
  const first = looked.value;
  first.records.close();
  const succession = new Succession(first.live);
  for (;;) {
    if (printsToTerminal()) print('\x1b[H\x1b[J');
    const exit = succession.hasEnded ? EXIT.success : show(call);
    if (succession.hasEnded) return complain(PROGRAM, `${first.live.paths.root} has ended`, EXIT.success);
    if (exit !== EXIT.success && exit !== EXIT.failed) return exit;
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}

function show(call: Call): number {
  const seen = status({ root: rootOf(call), names: call.operands }, people);
  if (!seen.ok) return complainAboutProblem(PROGRAM, seen.problem);
  const report = seen.value;
  const { services, absence } = report;
  print(rendered(call, report, call.has('failed') ? services.filter(isTrouble) : services));
  if (absence !== null) tell(`${PROGRAM}: ${absenceText(absence)}\n`);
  else tellDifferences(report.differences);
  return call.has('check') ? HEALTH[healthOf(report)] : EXIT.success;
}

function absenceText({ since, age, keeper, why }: TreeAbsence): string {
  const time =
    since === null ? '' : ` since ${new Date(since).toISOString()} (${formatDuration(age ?? timeSince(since))})`;
  const what = `the supervision tree is away${time}`;
  if (keeper === 'starts it again') return `${what}: its keeper starts it again`;
  const cause = why === '' ? 'nobody starts it again by itself' : `${why}, and its keeper has given up`;
  return `${what}: ${cause}; rc-log says more, rc-init starts it`;
}

function rendered(call: Call, { live, database, absence }: StatusReport, statuses: readonly ServiceStatus[]): string {
  if (call.has('json')) {
    const answer = {
      version: 1,
      live: live.paths.root,
      generation: live.generation,
      backend: live.backend.kind,
      tree: treeAsData(absence),
      services: statuses.map((each) => statusAsData(database, each, live)),
    };
    return `${JSON.stringify(answer)}\n`;
  }
  const look = { color: printsInColor() };
  return call.has('tree') ? renderStatusTree(database, statuses, look) : renderStatuses(database, statuses, look);
}

function treeAsData(absence: TreeAbsence | null) {
  if (absence === null) return { running: true };
  const { since, keeper, why } = absence;
  return { running: false, since: since === null ? null : new Date(since).toISOString(), keeper, why };
}
