/** rc-list: names of services, out of names, states and dependencies; made for scripts. */
import { closure } from '@muster/core/graph/closure';
import { conditionOf } from '@muster/core/model/condition';
import type { ServiceId } from '@muster/core/model/database';
import { select, servicesNamed } from '@muster/core/plan/goal';
import { supervisorOf } from '@muster/supervise/supervisors';
import type { Call, Command } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { type Opened, openForReading, rootOf } from '../open/read.ts';
import { print } from '../output.ts';
import { complainAbout, complainAboutNames } from '../render/complain.ts';
import { namesOf } from '../render/names.ts';

const PROGRAM = 'rc-list';

export const command: Command = {
  summary: 'Lists services by name, one a line',
  operands: '[NAME…]',
  options: {
    up: { short: 'u', help: 'the selection (the default)' },
    down: { short: 'd', help: 'everything but the selection' },
    all: { short: 'a', help: 'add what is up to the selection' },
    needs: { help: 'add everything that the selection needs' },
    'needed-by': { help: 'add everything that needs the selection' },
    json: { help: 'as JSON' },
    live: { short: 'l', value: 'DIR', help: 'the live directory (RC_LIVE)' },
  },
  examples: [
    ['rc-list -a', 'what is up'],
    ['rc-list -d -a', 'what is not'],
    ['rc-list --needs web', 'web, and all that it needs'],
  ],
  run,
};

function run(call: Call): number {
  if (call.has('up') && call.has('down')) return wrongUsage(PROGRAM, '-u and -d do not go together');
  const opened = openForReading(rootOf(call));
  if (opened.kind === 'refused') return complainAbout(opened.diagnostic);
  const { database } = opened;
  const { selection, unknown } = select(database, call.operands);
  if (unknown.length > 0) return complainAboutNames(PROGRAM, unknown, database);
  let chosen = servicesNamed(selection);
  if (call.has('all')) chosen.push(...servicesUp(opened));
  if (call.has('needs')) chosen = closure(database.needs, chosen);
  if (call.has('needed-by')) chosen = closure(database.neededBy, chosen);
  const isChosen = new Set(chosen);
  const all = database.names.map((_, service) => service);
  const listed = namesOf(
    database,
    all.filter((service) => isChosen.has(service) !== call.has('down')),
  );
  const text = call.has('json')
    ? `${JSON.stringify({ version: 1, services: listed })}\n`
    : listed.map((name) => `${name}\n`).join('');
  print(text);
  return EXIT.success;
}

function servicesUp(opened: Opened): ServiceId[] {
  const { database, records } = opened;
  const supervisor = supervisorOf(opened);
  const all = records.readAll();
  const isUp = (service: ServiceId) => conditionOf(all[service]!, supervisor.observe(service)) === 'up';
  return database.names.map((_, service) => service).filter(isUp);
}
