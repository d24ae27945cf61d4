/** rc-why: why one service is up, or why it is not: the way to the cause, how it ended, and what it wrote last. */

import { ageOf } from '@muster/control/status/age';
import type { ServiceStatus } from '@muster/control/status/service-status';
import { bundlesOf, type Explanation, isUp, why } from '@muster/control/status/why';
import { type Database, hasFlag, type ServiceId } from '@muster/core/model/database';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { rootOf } from '../arguments/paths.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { formatDuration } from '../duration.ts';
import { EXIT } from '../exit-codes.ts';
import { people } from '../look.ts';
import { print } from '../output.ts';
import { deathsText } from '../render/deaths.ts';
import { listed } from '../render/names.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { stateReasonText } from '../render/status-table.ts';
import { visible } from '../render/visible.ts';

const PROGRAM = 'rc-why';

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

function run(call: Call): number {
  if (call.operands.length !== 1) return wrongUsage(PROGRAM, 'about which one service?');
  const [name] = call.operands as [string];
  const explained = why(rootOf(call), name, people);
  if (!explained.ok) {
    if (explained.problem.kind === 'bundle')
      return wrongUsage(PROGRAM, `${name} is a bundle: rc-status shows its members`);
    return complainAboutProblem(PROGRAM, explained.problem);
  }
  const { value } = explained;
  print(call.has('json') ? `${JSON.stringify(asData(value))}\n` : asText(value));
  return EXIT.success;
}

function asText({ database, status, chain, lines }: Explanation): string {
  const text = isUp(status) ? upText(status, chain) : downText(database, chain);
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

function downText(database: Database, chain: readonly ServiceStatus[]): string {
  return chain
    .map((status, depth) => {
      const { service, name, state, record, lastExit } = status;
      const own = stateReasonText(database, name, state.reason);
      const unwanted = state.name === 'down' && record.wanted === 'no' ? unwantedText(database, service) : '';
      const exit = own === '' && lastExit !== null ? exitWords(lastExit) : '';
      const because = [own, unwanted, exit, deathsText(status)].filter((part) => part !== '').join('; ');
      return `${'  '.repeat(depth)}${name} is ${state.name}${because === '' ? '' : `: ${because}`}\n`;
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

function exitWords({ code, signal }: { readonly code: number; readonly signal: number }): string {
  return signal === 0 ? `it last exited with ${code}` : `it was last ended by signal ${signal}`;
}

function asData({ database, status, chain, lines }: Explanation) {
  return {
    version: 1,
    name: status.name,
    state: status.state.name,
    wanted: status.record.wanted,
    manual: hasFlag(database, status.service, 'manual'),
    bundles: bundlesOf(database, status.service),
    chain: chain.map(({ name, state, record, restarts, lastExit }) => ({
      name,
      state: state.name,
      wanted: record.wanted,
      reason: stateReasonText(database, name, state.reason),
      deaths: restarts,
      lastExit,
    })),
    logTrouble: status.logTrouble,
    log: lines.map(({ at, text }) => ({ at: at === null ? null : new Date(at).toISOString(), text })),
  };
}
