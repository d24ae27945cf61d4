/** Plans of updates and what became of them, for people. */
import type { UpdateDocument } from '@muster/core/plan/update/document';
import { explainUpdate } from '@muster/core/plan/update/reason';
import type { Colors } from './colors.ts';
import { listed } from './names.ts';
import { VERBS } from './verbs.ts';

/** A line for each transition, in order, with its reason; then how many services are left alone. */
export function renderUpdate(document: UpdateDocument, colors: Colors): string {
  const { transitions, base, target } = document;
  const paint = { up: colors.green, down: colors.red, reload: colors.yellow };
  const width = Math.max(0, ...transitions.map(({ service }) => service.length));
  const line = ({ action, service, reason }: UpdateDocument['transitions'][number]): string =>
    `${paint[action](VERBS[action].padEnd(6))}  ${service.padEnd(width)}  ${colors.dim(explainUpdate(reason))}`;
  const swap = base.database === target.database ? [] : [colors.dim('------  the new database becomes the live one')];
  const lines = [
    ...transitions.filter(({ action }) => action === 'down').map(line),
    ...swap,
    ...transitions.filter(({ action }) => action !== 'down').map(line),
    summary(document),
    ...staleLines(document),
  ];
  return lines.map((text) => `${text}\n`).join('');
}

function summary({ stop, start, restart, reload, keep }: UpdateDocument): string {
  const counts = [
    [stop.length, stop.length === 1 ? 'stops' : 'stop'],
    [restart.length, restart.length === 1 ? 'restarts' : 'restart'],
    [start.length, start.length === 1 ? 'starts' : 'start'],
    [reload.length, reload.length === 1 ? 'reloads' : 'reload'],
    [keep.length, keep.length === 1 ? 'keeps running' : 'keep running'],
  ] as const;
  const [first, ...others] = counts.filter(([count]) => count > 0);
  if (first === undefined) return 'nothing is up, and nothing has to be';
  const [count, verb] = first;
  const head = `${count} ${count === 1 ? 'service' : 'services'} ${verb}`;
  return [head, ...others.map(([many, does]) => `${many} ${does}`)].join(', ');
}

function staleLines({ stale }: UpdateDocument): string[] {
  const names = (because: string): string[] =>
    stale.filter((entry) => entry.because === because).map(({ service }) => service);
  const asked = names('asked');
  const essential = names('essential');
  const lines: string[] = [];
  if (asked.length > 0) lines.push(`on their older definition, as asked: ${listed(asked)}`);
  if (essential.length > 0)
    lines.push(`on their older definition, for an essential service (-e restarts): ${listed(essential)}`);
  return lines;
}
