/** rc-list: names of services, out of names, states and dependencies; made for scripts. */

import type { Selected } from '@muster/control/open/select';
import { closure } from '@muster/core/graph/closure';
import { conditionOf } from '@muster/core/model/condition';
import { everyService, type ServiceId } from '@muster/core/model/database';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { lookAtSelected } from '../look.ts';
import { print } from '../output.ts';
import { namesOf } from '../render/names.ts';
import { complainAboutProblem } from '../render/problems.ts';

const PROGRAM = 'rc-list';

export const command: Command = {
  summary: 'Lists services by name, one a line',
  operands: '[NAME…]',
  options: {
    up: { short: 'u', help: 'the selection (the default; without names: everything)' },
    down: { short: 'd', help: 'everything but the selection' },
    all: { short: 'a', help: 'add what is up to the selection' },
    needs: { help: 'add everything that the selection needs' },
    'needed-by': { help: 'add everything that needs the selection' },
    json: { help: 'as JSON' },
    live: LIVE_OPTION,
  },
  examples: [
    ['rc-list', 'every service'],
    ['rc-list -a', 'what is up'],
    ['rc-list -d -a', 'what is not'],
    ['rc-list --needs web', 'web, and all that it needs'],
  ],
  run,
};

function run(call: Call): number {
  if (call.has('up') && call.has('down')) return wrongUsage(PROGRAM, '-u and -d do not go together');
  const looked = lookAtSelected(call);
  if (!looked.ok) return complainAboutProblem(PROGRAM, looked.problem);
  const opened = looked.value;
  const { database } = opened;
  let chosen = selection(opened, call);
  if (call.has('needs')) chosen = closure(database.needs, chosen);
  if (call.has('needed-by')) chosen = closure(database.neededBy, chosen);
  const isChosen = new Set(chosen);
  const listed = namesOf(
    database,
    everyService(database).filter((service) => isChosen.has(service) !== call.has('down')),
  );
  const text = call.has('json')
    ? `${JSON.stringify({ version: 1, services: listed })}\n`
    : listed.map((name) => `${name}\n`).join('');
  print(text);
  return EXIT.success;
}

/** Without names, and nothing that stands in for them, it is everything. */
function selection(opened: Selected, call: Call): ServiceId[] {
  if (call.has('all')) return [...opened.chosen, ...servicesUp(opened)];
  if (call.operands.length === 0 && !call.has('down')) return [...everyService(opened.database)];
  return [...opened.chosen];
}

function servicesUp(opened: Selected): ServiceId[] {
  const { database, records } = opened;
  const supervisor = openSupervisor(opened);
  const all = records.readAll();
  const isUp = (service: ServiceId) => conditionOf(all[service]!, supervisor.observe(service)) === 'up';
  return everyService(database).filter(isUp);
}
