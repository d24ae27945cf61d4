/** Plans, for people and as data. */
import { type Database, nameOf } from '@muster/core/model/database';
import type { Plan } from '@muster/core/plan/plan';
import { reasonText, refusalText } from './reason.ts';
import { VERBS } from './verbs.ts';

/** A line for each step, in order, with its reason. */
export function renderPlan(database: Database, plan: Plan): string {
  const width = Math.max(0, ...plan.steps.map(({ service }) => nameOf(database, service).length));
  const lines = plan.steps.map(
    ({ service, action, reason }) =>
      `${VERBS[action].padEnd(6)}  ${nameOf(database, service).padEnd(width)}  ${reasonText(database, reason)}`,
  );
  for (const refusal of plan.refused ?? []) lines.push(`refused ${refusalText(database, refusal)}`);
  return lines.length === 0 ? 'nothing to do\n' : `${lines.join('\n')}\n`;
}

/** `base` names the database that the plan was made from. */
export function planAsData(database: Database, plan: Plan, base: string) {
  const { names } = database;
  const moved = (action: 'up' | 'down' | 'reload') =>
    new Set(plan.steps.filter((step) => step.action === action).map(({ service }) => service));
  const up = moved('up');
  const down = moved('down');
  const listed = (services: Iterable<number>) => [...services].sort((a, b) => a - b).map((service) => names[service]!);
  return {
    version: 1,
    kind: 'change',
    base,
    target: base,
    transitions: plan.steps.map(({ service, action, reason, after, afterEnd }) => ({
      service: names[service]!,
      action,
      reason: 'because' in reason ? { ...reason, because: names[reason.because]! } : reason,
      needs: [...after, ...afterEnd].map((index) => names[plan.steps[index]!.service]!),
    })),
    stop: listed([...down].filter((service) => !up.has(service))),
    start: listed([...up].filter((service) => !down.has(service))),
    restart: listed([...up].filter((service) => down.has(service))),
    reload: listed(moved('reload')),
    refused: (plan.refused ?? []).map((refusal) => ({ ...refusal, text: refusalText(database, refusal) })),
  };
}
