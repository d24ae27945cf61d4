/** rc-status: as a table, as a tree, and as data. */

import { outputOf } from '@muster/control/logs/sources';
import { ageOf } from '@muster/control/status/age';
import { type ServiceStatus, typeName } from '@muster/control/status/service-status';
import { targetsOf } from '@muster/core/graph/edges';
import type { Database, ServiceId } from '@muster/core/model/database';
import type { Exit } from '@muster/core/model/observation';
import type { StateName, StateReason } from '@muster/core/model/state';
import type { Live } from '@muster/store/live/open';
import { supervisorFor } from '@muster/supervisors/supervisor-table';
import { formatDuration } from '../duration.ts';
import { COLORED, type Colors, colorsFor, type Paint } from './colors.ts';
import { listed, namesOf } from './names.ts';
import { exitText, failureText } from './progress.ts';
import { renderTable } from './table.ts';
import { visible } from './visible.ts';

interface Look {
  readonly color: boolean;
}

const HEAD = ['NAME', 'STATE', 'SINCE', 'PID', 'RESTARTS', 'LAST EXIT', 'WHY'];

export function renderStatuses(database: Database, statuses: readonly ServiceStatus[], look: Look): string {
  const rows = statuses.map((status) => [
    status.name,
    status.state.name,
    ageText(status),
    status.pid === 0 ? '' : String(status.pid),
    status.restarts === 0 ? '' : String(status.restarts),
    shortExit(status.lastExit),
    whyText(database, status),
  ]);
  const text = renderTable([HEAD, ...rows]);
  return look.color ? painted(text, statuses) : text;
}

function ageText(status: ServiceStatus): string {
  const age = ageOf(status);
  return age === null ? '' : formatDuration(age);
}

/** What needs nothing that is shown comes first; below each service, what needs it. */
export function renderStatusTree(database: Database, statuses: readonly ServiceStatus[], { color }: Look): string {
  const colors = colorsFor(color);
  const shown = new Map(statuses.map((status) => [status.service, status]));
  const told = new Set<ServiceId>();
  const lines: string[] = [];
  const open = statuses
    .filter(({ service }) => !targetsOf(database.needs, service).some((need) => shown.has(need)))
    .map(({ service }) => ({ service, depth: 0 }))
    .reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { service, depth } = next;
    const { name, state } = shown.get(service)!;
    const dependents = [...targetsOf(database.neededBy, service)].filter((other) => shown.has(other));
    const more = told.has(service) && dependents.length > 0 ? ' …' : '';
    lines.push(`${'  '.repeat(depth)}${name}  ${paint(state.name, colors)(state.name)}${more}`);
    if (told.has(service)) continue;
    told.add(service);
    for (const dependent of dependents.reverse()) open.push({ service: dependent, depth: depth + 1 });
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** `log`: the directory that holds what the service writes; null means none, or none that is known. */
export function statusAsData(database: Database, status: ServiceStatus, live: Live) {
  const { service, name, record, state, ready, pid, restarts, lastExit, stale } = status;
  const reason = whyText(database, status);
  return {
    name,
    type: typeName(database, service),
    wanted: record.wanted,
    state: state.name,
    ready,
    pid: pid === 0 ? null : pid,
    since: state.since === 0 ? null : new Date(state.since).toISOString(),
    restarts,
    lastExit,
    reason: reason === '' ? null : reason,
    blockedBy: state.reason.why === 'needs' ? namesOf(database, state.reason.services) : [],
    stale,
    log: logOf(database, service, live),
  };
}

function logOf(database: Database, service: ServiceId, live: Live): string | null {
  const output = outputOf(database, service);
  if (output.kind === 'directory') return output.directory;
  return output.kind === 'unlogged' ? supervisorFor(live).catchAll(live.paths) : null;
}

function whyText(database: Database, { name, state, stale, logTrouble }: ServiceStatus): string {
  const reason = stateReasonText(database, name, state.reason);
  const staleness = stale ? 'runs with an earlier definition' : '';
  const log = logTrouble === null ? '' : visible(logTrouble);
  return [reason, staleness, log].filter((text) => text !== '').join('; ');
}

/** Why a service is in its state; empty if it is as it should be. */
export function stateReasonText(database: Database, name: string, reason: StateReason): string {
  switch (reason.why) {
    case 'none':
      return '';
    case 'start-failed':
      return failureText('up', { ...reason, elapsed: null });
    case 'stop-failed':
      return failureText('down', { ...reason, elapsed: null });
    case 'died':
      return exitText(reason.exit);
    case 'came-back':
      return `${exitText(reason.exit)}, and runs again for less than ${formatDuration(reason.stableAfter)}`;
    case 'unexecutable':
      return 'its run cannot be executed';
    case 'stopped-by-hand':
      return 'somebody stopped it by hand';
    case 'unfinished':
      return `on its way ${reason.transition}`;
    case 'needs':
      return `needs ${listed(namesOf(database, reason.services))}`;
    case 'not-started':
      return 'nobody has started it';
    case 'asks':
      return reason.through === 'answer'
        ? `waits for an answer: rc-answer ${name}`
        : 'asks on the terminal of who started it';
    case 'unsupervised':
      return reason.odd ?? 'no supervisor answers: rc-init starts it again';
    default:
      return reason satisfies never;
  }
}

function shortExit(exit: Exit | null): string {
  if (exit === null) return '';
  return exit.signal === 0 ? String(exit.code) : `signal ${exit.signal}`;
}

function painted(table: string, statuses: readonly ServiceStatus[]): string {
  const [head, ...lines] = table.split('\n');
  const rows = statuses.map(({ name, state }, row) => {
    const line = lines[row]!;
    const at = line.indexOf(state.name, name.length);
    return line.slice(0, at) + paint(state.name, COLORED)(state.name) + line.slice(at + state.name.length);
  });
  return [COLORED.bold(head!), ...rows, ''].join('\n');
}

function paint(state: StateName, colors: Colors): Paint {
  switch (state) {
    case 'up':
    case 'ready':
    case 'done':
      return colors.green;
    case 'starting':
    case 'stopping':
      return colors.yellow;
    case 'failed':
    case 'blocked':
    case 'backoff':
    case 'unstable':
      return colors.red;
    case 'down':
      return colors.dim;
  }
}
