/** From the options of a command to a plan, or to an exit code and what to tell. */

import { readFileSync } from 'node:fs';
import type { Opened } from '@muster/control/open/read';
import { situationOf } from '@muster/control/update/situation';
import { columnOf } from '@muster/core/graph/column';
import { type Database, everyService, servicesByName } from '@muster/core/model/database';
import { type Conversion, NO_CONVERSION, parseConversion } from '@muster/core/plan/update/conversion';
import { type DocumentOptions, documentOf, type UpdateDocument } from '@muster/core/plan/update/document';
import type { Identity } from '@muster/core/plan/update/identity';
import { explainProblem, type UpdateProblem } from '@muster/core/plan/update/problem';
import { explainUpdate } from '@muster/core/plan/update/reason';
import { planUpdate, type UpdatePlan, type UpdateRefusal } from '@muster/core/plan/update/update';
import { earlierNames, readGenerations } from '@muster/store/live/generations';
import { supervisorFor } from '@muster/supervisors/supervisor-for';
import { supervisorOf } from '@muster/supervisors/supervisors';
import { EXIT } from '../exit-codes.ts';
import { complain, exitOfObstacles, obstacleText } from '../render/complain.ts';
import { exitOfProblems } from './exits.ts';
import type { Target } from './target.ts';

export interface Wishes {
  readonly restart: DocumentOptions['restart'];
  readonly stopEssentials: boolean;
  readonly conversion: Conversion;
}

export interface Planned {
  readonly plan: UpdatePlan;
  readonly document: UpdateDocument;
  /** Its records say that everything that is wanted is up, on its newest definition, and nobody looked further. */
  readonly isSettled?: true;
}

export interface Unplanned {
  readonly status: number;
  /** A line each, for people. */
  readonly lines: readonly string[];
}

/** `conversionFile` is only for messages. */
export function plan(opened: Opened, target: Target, wishes: Wishes, conversionFile = ''): Planned | Unplanned {
  const { live, database: old, records } = opened;
  const next = target.database;
  const obstacles = supervisorFor(live).obstacles(live, next, old);
  if (obstacles.length > 0) return { status: exitOfObstacles(obstacles), lines: obstacles.map(obstacleText) };
  const world = situationOf(old, { live, records, supervisor: supervisorOf(opened) });
  const outcome = planUpdate(old, next, world, wishes);
  switch (outcome.kind) {
    case 'problems':
      return { status: exitOfProblems(outcome.problems), lines: problemLines(outcome.problems, conversionFile) };
    case 'refused':
      return { status: EXIT.refused, lines: outcome.refusals.map(refusalText) };
    case 'plan': {
      const hashes = { old: live.generation, next: target.hash };
      const options = documentOptions(old, wishes);
      return { plan: outcome.plan, document: documentOf({ old, next, hashes, world, options, plan: outcome.plan }) };
    }
  }
}

/**
 * The plan for a database that is live already, if nobody has to be looked at for it: then only what runs on an older
 * definition could move. Null: somebody has.
 */
export function planNothing({ live, database, records }: Opened, target: Target, wishes: Wishes): Planned | null {
  const { restart, conversion } = wishes;
  if (target.hash !== live.generation || restart === 'all') return null;
  if (conversion.renames.size + conversion.restarts.size > 0) return null;
  if (records.hasOtherDefinitions(database.contentHashes) || records.hasMissed()) return null;
  const nobody = { up: false, running: false, contentHash: null };
  const world = { services: database.names.map(() => nobody) };
  const hashes = { old: live.generation, next: target.hash };
  const identity = { successors: [], gone: new Uint8Array(0), heir: NO_ONE, ancestor: NO_ONE };
  const empty: UpdatePlan = { identity, down: [], up: [], kept: [], stale: [] };
  const options = documentOptions(database, wishes);
  const document = documentOf({ old: database, next: database, hashes, world, options, plan: empty });
  return { plan: empty, document, isSettled: true };
}

const NO_ONE: Identity['heir'] = columnOf(new Int32Array(0));

export function isPlanned(planned: Planned | Unplanned): planned is Planned {
  return 'plan' in planned;
}

export function complainAboutPlan(program: string, { status, lines }: Unplanned): number {
  for (const line of lines) complain(program, line, status);
  return status;
}

function documentOptions(old: Database, { restart, stopEssentials, conversion }: Wishes): DocumentOptions {
  const { renames, restarts } = conversion;
  return {
    restart,
    stopEssentials,
    renames: [...renames].map(([id, { name }]) => [old.names[id]!, name] as const),
    restarts: [...restarts].map((id) => old.names[id]!),
  };
}

/** The wishes that a plan was made with. Null: it names services that are not live any more. */
export function wishesOf(document: UpdateDocument, old: Database): Wishes | null {
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
export function readConversion(old: Database, file: string | undefined): Conversion | Unplanned {
  if (file === undefined) return NO_CONVERSION;
  const { conversion, problems } = parseConversion(readFileSync(file), old);
  if (problems.length === 0) return conversion;
  return { status: exitOfProblems(problems), lines: problemLines(problems, file) };
}

/** Back to what services were called `back` generations ago. */
export function rememberedConversion({ live, database }: Opened, back: number): Conversion {
  const names = earlierNames(readGenerations(live.paths.generations), back);
  const renames = everyService(database).flatMap((id) => {
    const name = names.get(database.names[id]!);
    return name === undefined ? [] : [[id, { name, line: 0 }] as const];
  });
  return { renames: new Map(renames), restarts: new Set() };
}

export function isConversion(read: Conversion | Unplanned): read is Conversion {
  return 'renames' in read;
}

function problemLines(problems: readonly UpdateProblem[], file: string): string[] {
  return problems.map((problem) => {
    const line = 'line' in problem ? problem.line : 0;
    return line === 0 ? explainProblem(problem) : `${file}:${line}: ${explainProblem(problem)}`;
  });
}

function refusalText(refusal: UpdateRefusal): string {
  switch (refusal.kind) {
    case 'essential': {
      const { service, reason } = refusal;
      return `${service} is essential and would be stopped (${explainUpdate(reason)}): only -e stops it`;
    }
    case 'conflict':
      return `${refusal.services.join(' and ')} are up and conflict in the new database: stop one of them first`;
  }
}
