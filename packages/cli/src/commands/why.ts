/** rc-why: why one service is up, or why it is not: the way to the cause, how it ended, and what it wrote last. */

import { lastLinesOf } from '@muster/control/logs/last-lines';
import type { Opened } from '@muster/control/open/read';
import { ageOf } from '@muster/control/status/age';
import { type ServiceStatus, statusesOf } from '@muster/control/status/service-status';
import { targetsOf } from '@muster/core/graph/edges';
import { type Database, everyBundle, everyService, hasFlag, type ServiceId } from '@muster/core/model/database';
import type { LogEntry } from '@muster/protocol/logs/entry';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { formatDuration } from '../duration.ts';
import { EXIT } from '../exit-codes.ts';
import { lookAtSelected } from '../look.ts';
import { print } from '../output.ts';
import { listed } from '../render/names.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { stateReasonText } from '../render/status-table.ts';
import { visible } from '../render/visible.ts';

const PROGRAM = 'rc-why';
/** Of its log. */
const LINES = 5;

export const command: Command = {
  summary: 'Says why a service is up, or why it is not',
  operands: 'NAME',
  options: {
    json: { help: 'as JSON' },
    live: LIVE_OPTION,
  },
  examples: [['rc-why web', 'who pulled it in, or what keeps it down']],
  run,
};

interface Explanation {
  readonly status: ServiceStatus;
  /** From the service on, each because of the next: to who asked for it, or to what keeps it down. */
  readonly chain: readonly ServiceStatus[];
  /** Of the last in the chain, if something is wrong with it. */
  readonly lines: readonly LogEntry[];
}

function run(call: Call): number {
  if (call.operands.length !== 1) return wrongUsage(PROGRAM, 'about which one service?');
  const looked = lookAtSelected(call);
  if (!looked.ok) return complainAboutProblem(PROGRAM, looked.problem);
  const opened = looked.value;
  const [service] = opened.selection.named;
  if (service === undefined) {
    return wrongUsage(PROGRAM, `${call.operands[0]} is a bundle: rc-status shows its members`);
  }
  const explanation = explain(opened, service);
  print(call.has('json') ? `${JSON.stringify(asData(opened, explanation))}\n` : asText(opened, explanation));
  return EXIT.success;
}

function explain(opened: Opened, service: ServiceId): Explanation {
  const statuses = statusesOf(opened, everyService(opened.database));
  const chain = isUp(statuses[service]!) ? pullers(opened, statuses, service) : causes(statuses, service);
  const last = chain.at(-1)!;
  const { began } = last.record;
  // If it is still to come, the clock has been set back since: then nobody knows which lines are older.
  const since = began === 0 || began > Date.now() ? Number.NEGATIVE_INFINITY : began;
  const lines = isUp(last)
    ? []
    : lastLinesOf(opened.live.paths.root, opened.database, last.service, { count: LINES, since });
  return { status: statuses[service]!, chain, lines };
}

function isUp({ state }: ServiceStatus): boolean {
  return state.name === 'up' || state.name === 'ready';
}

/** The shortest way to somebody who was asked for. */
function pullers({ database }: Opened, statuses: readonly ServiceStatus[], service: ServiceId): ServiceStatus[] {
  const from = new Map<ServiceId, ServiceId | null>([[service, null]]);
  for (const [at] of from) {
    if (statuses[at]!.record.wanted === 'explicit') return wayTo(from, at).map((id) => statuses[id]!);
    for (const puller of [...targetsOf(database.neededBy, at), ...targetsOf(database.wantedBy, at)]) {
      if (!from.has(puller) && statuses[puller]!.record.wanted !== 'no') from.set(puller, at);
    }
  }
  return [statuses[service]!];
}

function wayTo(from: ReadonlyMap<ServiceId, ServiceId | null>, end: ServiceId): ServiceId[] {
  const way: ServiceId[] = [];
  for (let at: ServiceId | null | undefined = end; at !== null && at !== undefined; at = from.get(at)) way.unshift(at);
  return way;
}

/** Down the first need that is not up, to the one that has no such need. */
function causes(statuses: readonly ServiceStatus[], service: ServiceId): ServiceStatus[] {
  const chain = [statuses[service]!];
  for (;;) {
    const { reason } = chain.at(-1)!.state;
    if (reason.why !== 'needs') return chain;
    const worst = reason.services.find((need) => statuses[need]!.state.name === 'failed') ?? reason.services[0]!;
    chain.push(statuses[worst]!);
  }
}

function asText(opened: Opened, { status, chain, lines }: Explanation): string {
  const text = isUp(status) ? upText(status, chain) : downText(opened, chain);
  const log = lines.map((line) => `    | ${visible(line.text)}\n`).join('');
  const trouble = status.logTrouble === null ? '' : `  ${visible(status.logTrouble)}\n`;
  return text + trouble + log;
}

function upText(status: ServiceStatus, chain: readonly ServiceStatus[]): string {
  const age = ageOf(status);
  const head = `${status.name} is ${status.state.name}${age === null ? '' : ` since ${formatDuration(age)}`}`;
  const asked = chain.at(-1)!;
  if (asked.record.wanted !== 'explicit') {
    const why = status.record.wanted === 'no' ? 'nobody wants it: it was left, or started by hand' : 'it was pulled in';
    return `${head}: ${why}\n`;
  }
  if (chain.length === 1) return `${head}: it was asked for\n`;
  const links = chain.slice(1).map(({ name }, at) => `  ${chain[at]!.name} was pulled in by ${name}\n`);
  return `${head}\n${links.join('')}  ${asked.name} was asked for\n`;
}

function downText({ database }: Opened, chain: readonly ServiceStatus[]): string {
  return chain
    .map(({ service, name, state, record, lastExit }, depth) => {
      const own = stateReasonText(database, name, state.reason);
      const unwanted = state.name === 'down' && record.wanted === 'no' ? unwantedText(database, service) : '';
      const exit = own === '' && lastExit !== null ? exitWords(lastExit) : '';
      const why = [own, unwanted, exit].filter((part) => part !== '').join('; ');
      return `${'  '.repeat(depth)}${name} is ${state.name}${why === '' ? '' : `: ${why}`}\n`;
    })
    .join('');
}

/** Of whom nobody wants: which bundles would bring it up, or why they do not. */
function unwantedText(database: Database, service: ServiceId): string {
  const name = database.names[service]!;
  const bundles = bundlesOf(database, service);
  const which = bundles.length === 0 ? '' : `${bundles.length === 1 ? 'the bundle' : 'the bundles'} ${listed(bundles)}`;
  if (!hasFlag(database, service, 'manual')) {
    return which === '' ? 'nobody wants it' : `nobody wants it; ${which} would bring it up`;
  }
  const effect = which === '' ? 'no bundle would start it' : `${which} does not start it`;
  const plural = bundles.length > 1 ? effect.replace('does not', 'do not') : effect;
  return `nobody wants it; its definition has a file down or flag-manual, so ${plural}: rc-change ${name} does`;
}

function bundlesOf(database: Database, service: ServiceId): string[] {
  return everyBundle(database)
    .filter((bundle) => targetsOf(database.bundleMembers, bundle).includes(service))
    .map((bundle) => database.bundleNames[bundle]!);
}

function exitWords({ code, signal }: { readonly code: number; readonly signal: number }): string {
  return signal === 0 ? `it last exited with ${code}` : `it was last ended by signal ${signal}`;
}

function asData({ database }: Opened, { status, chain, lines }: Explanation) {
  return {
    version: 1,
    name: status.name,
    state: status.state.name,
    wanted: status.record.wanted,
    manual: hasFlag(database, status.service, 'manual'),
    bundles: bundlesOf(database, status.service),
    chain: chain.map(({ name, state, record, lastExit }) => ({
      name,
      state: state.name,
      wanted: record.wanted,
      reason: stateReasonText(database, name, state.reason),
      lastExit,
    })),
    logTrouble: status.logTrouble,
    log: lines.map(({ at, text }) => ({ at: at === null ? null : new Date(at).toISOString(), text })),
  };
}
