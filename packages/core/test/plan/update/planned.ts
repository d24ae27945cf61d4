/** What an update is planned to do, as text. */
import type { Database } from '../../../src/model/database.ts';
import { planUpdate, type UpdateOptions, type UpdatePlan } from '../../../src/plan/update/update.ts';
import type { UpdateWorld } from '../../../src/plan/update/world.ts';

/** Every service of `old` is up, but for some; what each was started with is not known. */
export const allUp = (old: Database, except: readonly string[] = []): UpdateWorld => ({
  services: old.names.map((name) => {
    const up = !except.includes(name);
    return { up, running: up, contentHash: null };
  }),
});

/** Transitions as text, in order: `-web content-changed`, `+web …`, `~web …`. */
export function planned(
  old: Database,
  next: Database,
  world: UpdateWorld = allUp(old),
  options: UpdateOptions = {},
): string[] {
  const outcome = planUpdate(old, next, world, options);
  if (outcome.ok) return [...render(outcome.value, old, next)];
  const { problem: hindrance } = outcome;
  if (hindrance.kind === 'refused') {
    return hindrance.refusals.map((refusal) =>
      refusal.kind === 'essential'
        ? `refused: ${refusal.service} ${refusal.reason.why}`
        : `refused: ${refusal.services}`,
    );
  }
  return hindrance.problems.map((problem) => JSON.stringify(problem));
}

function* render(plan: UpdatePlan, old: Database, next: Database): Iterable<string> {
  for (const { service, reason } of plan.down) yield `-${old.names[service]} ${said(reason)}`;
  for (const { service, action, reason } of plan.up) {
    yield `${action === 'up' ? '+' : '~'}${next.names[service]} ${said(reason)}`;
  }
  for (const { service, because } of plan.stale) yield `stale ${old.names[service]} ${because}`;
}

function said(reason: { why: string; because?: string }): string {
  return reason.because === undefined ? reason.why : `${reason.why} ${reason.because}`;
}
