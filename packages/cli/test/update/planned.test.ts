/** Every recorded dry run of s6-rc-update against our plan. docs/comparison.md lists where they differ, and why. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '@muster/core/compile/compile';
import { targetsOf } from '@muster/core/graph/edges';
import { bundleNamed, type Database, type ServiceId, serviceNamed } from '@muster/core/model/database';
import { NO_CONVERSION, parseConversion } from '@muster/core/plan/update/conversion';
import { planUpdate } from '@muster/core/plan/update/update';
import { success } from '@muster/core/result';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { readSource } from '@muster/store/source-tree/read';
import { afterAll, expect, test } from 'vitest';
import { exitOfProblems } from '../../src/render/update-exits.ts';
import { makeTree, type Tree } from '../compile/trees.ts';
import { documentedDifferences, RECORDED, type UpdateCase } from './recorded.ts';

const directory = mkdtempSync(join(tmpdir(), 'muster-planned-'));
afterAll(() => rmSync(directory, { recursive: true }));

function compiled(name: string, tree: Tree): Database {
  const source = join(directory, name);
  makeTree(source, tree);
  const { database, diagnostics } = compile([readSource(source)], { encoding: definitionEncoding });
  if (database === undefined) throw new Error(`${name}: ${diagnostics[0]?.message}`);
  return database;
}

/** What we would do: exit status, stops and starts. */
function planned(recorded: UpdateCase, never: boolean): { exit: number; stop?: string[]; start?: string[] } {
  const old = compiled(`${recorded.name}.1`, recorded.tree1);
  const next = compiled(`${recorded.name}.2`, recorded.tree2);
  const conversion = conversionOf(recorded, old);
  if (!conversion.ok) return { exit: exitOfProblems(conversion.problem) };
  const services = old.names.map((name) => {
    const up = recorded.upBefore.includes(name);
    return { up, running: up, contentHash: null };
  });
  const outcome = planUpdate(
    old,
    next,
    { services },
    {
      conversion: conversion.value,
      restart: never ? 'never' : 'changed',
      stopEssentials: recorded.flags?.includes('-e') ?? false,
    },
  );
  if (!outcome.ok) return { exit: outcome.problem.kind === 'refused' ? 5 : exitOfProblems(outcome.problem.problems) };
  return {
    exit: 0,
    stop: outcome.value.down.map(({ service }) => old.names[service]!).sort(),
    start: outcome.value.up.map(({ service }) => next.names[service]!).sort(),
  };
}

function conversionOf({ conversion }: UpdateCase, old: Database): ReturnType<typeof parseConversion> {
  return conversion === undefined ? success(NO_CONVERSION) : parseConversion(Buffer.from(conversion), old);
}

/** A dry run of s6-rc prints what to stop without its dependents, and what to start without its dependencies. */
function recordedPlan(recorded: UpdateCase): { exit: number; stop?: string[]; start?: string[] } {
  const { exit, stop = [], start = [] } = recorded.dryRun;
  if (exit !== 0) return { exit };
  const old = compiled(`${recorded.name}.1`, recorded.tree1);
  const next = compiled(`${recorded.name}.2`, recorded.tree2);
  const stops = closure(stop, old, (id) => targetsOf(old.neededBy, id)).filter((name) =>
    recorded.upBefore.includes(name),
  );
  const kept = new Set(recorded.upBefore.filter((name) => !stops.includes(name)));
  const conversion = conversionOf(recorded, old);
  if (!conversion.ok) throw new Error('s6-rc has planned with a conversion file that we cannot read');
  for (const [id, { name }] of conversion.value.renames) if (kept.delete(old.names[id]!)) kept.add(name);
  for (const name of [...kept]) {
    const bundle = bundleNamed(next, name);
    if (bundle !== undefined) for (const id of targetsOf(next.bundleMembers, bundle)) kept.add(next.names[id]!);
  }
  const starts = closure(start, next, (id) => targetsOf(next.needs, id)).filter((name) => !kept.has(name));
  return { exit, stop: stops, start: starts };
}

function closure(names: readonly string[], database: Database, next: (id: ServiceId) => Iterable<ServiceId>): string[] {
  const reached = new Set(names);
  for (const name of reached) for (const id of next(serviceNamed(database, name)!)) reached.add(database.names[id]!);
  return [...reached].sort();
}

test('every update is planned as s6-rc plans it, or docs/comparison.md says why not', () => {
  expect(RECORDED.length).toBeGreaterThan(130);
  const different = RECORDED.flatMap((recorded) => {
    const ours = JSON.stringify(planned(recorded, false));
    const theirs = JSON.stringify(recordedPlan(recorded));
    return ours === theirs ? [] : [{ name: recorded.name, ours, theirs }];
  });
  const names = different.map(({ name }) => name);
  expect(names.sort(), JSON.stringify(different, null, 1)).toEqual(documentedDifferences('Updating').sort());
});

test('with --restart never only the differences remain that are not about content', () => {
  const different = RECORDED.filter(
    (recorded) => JSON.stringify(planned(recorded, true)) !== JSON.stringify(recordedPlan(recorded)),
  );
  const aboutContent = ['content-of-a-longrun', 'timeouts-and-flags', 'random-3016', 'random-3037'];
  const expected = documentedDifferences('Updating').filter((name) => !aboutContent.includes(name));
  expect(different.map(({ name }) => name).sort()).toEqual(expected.sort());
});
