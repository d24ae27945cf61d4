/** Plans of updates, from what is live and how it is. */
import { readFileSync } from 'node:fs';
import { type Database, everyService, nameOf, servicesByName } from '@muster/core/model/database';
import { type Conversion, NO_CONVERSION, parseConversion } from '@muster/core/plan/update/conversion';
import { type DocumentOptions, documentOf, type UpdateDocument, whatMoved } from '@muster/core/plan/update/document';
import { sameServices } from '@muster/core/plan/update/identity';
import type { UpdateProblem } from '@muster/core/plan/update/problem';
import { planUpdate, type UpdateOptions, type UpdatePlan, type UpdateRefusal } from '@muster/core/plan/update/update';
import { failure, type Result, success } from '@muster/core/result';
import { earlierNames, readGenerations } from '@muster/store/live/generations';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import type { SupervisionObstacle } from '@muster/supervisors/supervisor-adapter';
import { supervisorFor } from '@muster/supervisors/supervisor-table';
import type { Opened } from '../open/read.ts';
import { carryInstances } from './carry-instances.ts';
import { situationOf } from './situation.ts';
import type { Target } from './target.ts';

type Options = Required<UpdateOptions>;

export interface Planned {
  readonly plan: UpdatePlan;
  readonly document: UpdateDocument;
  /** With the instances that live on in it. */
  readonly target: Target;
  /** Its records say that everything that is wanted is up, on its newest definition, and nobody looked further. */
  readonly isSettled?: true;
}

export type PlanProblem =
  /** Services would not run under the supervisor at hand. */
  | { readonly kind: 'obstacles'; readonly obstacles: readonly SupervisionObstacle[] }
  /** Who is who, or what is to be done, is not clear. `file`: the conversion file, for people. */
  | { readonly kind: 'unclear'; readonly problems: readonly UpdateProblem[]; readonly file: string }
  | { readonly kind: 'refused'; readonly refusals: readonly UpdateRefusal[] };

/** The world has moved since a plan was made: what is different, for people, or why there would be none now. */
export type Moved = { readonly kind: 'moved' } & (
  | { readonly moved: readonly string[] }
  | { readonly because: PlanProblem }
);

/** `conversionFile` is only for messages. */
export function planTo(
  opened: Opened,
  to: Target,
  options: Options,
  conversionFile = '',
): Result<Planned, PlanProblem> {
  const { live, database: old, records } = opened;
  const target = carryInstances(opened, to);
  const next = target.database;
  const obstacles = supervisorFor(live).obstacles(live, next, old);
  if (obstacles.length > 0) return failure({ kind: 'obstacles', obstacles });
  const world = situationOf(old, { live, instances: opened.instances, records, supervisor: openSupervisor(opened) });
  const planned = planUpdate(old, next, world, options);
  if (!planned.ok) return failure({ ...planned.problem, file: conversionFile });
  const plan = planned.value;
  const hashes = { old: live.generation, next: target.hash };
  const document = documentOf({ old, next, hashes, world, options: documentOptions(old, options), plan });
  return success({ plan, document, target });
}

/**
 * The plan for a database that is live already, if nobody has to be looked at for it: then only what runs on an older
 * definition could move. Null if somebody has.
 */
export function planNothing(opened: Opened, to: Target, options: Options): Planned | null {
  const { live, database, records } = opened;
  const { restart, conversion } = options;
  if (to.hash !== live.generation || restart === 'all') return null;
  if (conversion.renames.size + conversion.restarts.size > 0) return null;
  if (records.hasOtherDefinitions(database.contentHashes) || records.hasMissed()) return null;
  const target = carryInstances(opened, to);
  const nobody = { up: false, running: false, contentHash: null };
  const world = { services: database.names.map(() => nobody) };
  const hashes = { old: live.generation, next: target.hash };
  const plan: UpdatePlan = { identity: sameServices(database), down: [], up: [], kept: [], stale: [] };
  const described = { old: database, next: database, hashes, world, options: documentOptions(database, options), plan };
  return { plan, document: documentOf(described), target, isSettled: true };
}

/** Makes the plan that `planned` tells again, and compares. */
export function planAgain(planned: UpdateDocument, opened: Opened, target: Target): Result<Planned, Moved> {
  const options = optionsOf(planned, opened.database);
  if (options === null) return failure({ kind: 'moved', moved: ['another database is live'] });
  const made = planTo(opened, target, options);
  if (!made.ok) return failure({ kind: 'moved', because: made.problem });
  const moved = whatMoved(planned, made.value.document);
  return moved.length === 0 ? made : failure({ kind: 'moved', moved });
}

function documentOptions(old: Database, { restart, stopEssentials, conversion }: Options): DocumentOptions {
  const { renames, restarts } = conversion;
  return {
    restart,
    stopEssentials,
    renames: [...renames].map(([id, { name }]) => [nameOf(old, id), name] as const),
    restarts: [...restarts].map((id) => nameOf(old, id)),
  };
}

/** Those that a plan was made with. Null if it names services that are not live any more. */
function optionsOf(document: UpdateDocument, old: Database): Options | null {
  const { restart, stopEssentials, renames, restarts } = document.options;
  const ids = servicesByName(old);
  if (![...renames.map(([from]) => from), ...restarts].every((name) => ids.has(name))) return null;
  const conversion = {
    renames: new Map(renames.map(([from, name]) => [ids.get(from)!, { name, line: 0 }])),
    restarts: new Set(restarts.map((name) => ids.get(name)!)),
  };
  return { restart, stopEssentials, conversion };
}

/** Reads a conversion file. Throws if it cannot be read. */
export function readConversion(old: Database, file: string | undefined): Result<Conversion, PlanProblem> {
  if (file === undefined) return success(NO_CONVERSION);
  const read = parseConversion(readFileSync(file), old);
  return read.ok ? read : failure({ kind: 'unclear', problems: read.problem, file });
}

/** Back to what services were called `back` generations ago. */
export function rememberedConversion({ live, database }: Opened, back: number): Conversion {
  const names = earlierNames(readGenerations(live.paths.generations), back);
  const renames = everyService(database).flatMap((id) => {
    const name = names.get(nameOf(database, id));
    return name === undefined ? [] : [[id, { name, line: 0 }] as const];
  });
  return { renames: new Map(renames), restarts: new Set() };
}
