/** Sources as tests write them, and what has become of them. */
import { targetsOf } from '@muster/core/graph/edges';
import { type Database, serviceNamed } from '@muster/core/model/database';
import type { Longrun, Oneshot } from '@muster/core/model/definition';
import { expect } from 'vitest';
import { compileFiles } from './sources.ts';

export const RUN = '#!/bin/sh\nexec sleep 1000\n';

export function longrun(name: string, files: Readonly<Record<string, string>> = {}): Record<string, string> {
  return prefixed(name, { type: 'longrun\n', run: RUN, ...files });
}

export function oneshot(name: string, files: Readonly<Record<string, string>> = {}): Record<string, string> {
  return prefixed(name, { type: 'oneshot\n', up: 'true\n', ...files });
}

function prefixed(name: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [`${name}/${file}`, text]));
}

export function compiled(...parts: readonly Readonly<Record<string, string>>[]): Database {
  const { database, diagnostics } = compileFiles(Object.assign({}, ...parts));
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return database!;
}

export function names(
  database: Database,
  edges: keyof Database & ('needs' | 'wants' | 'after' | 'before' | 'conflicts' | 'producerFor' | 'consumerFor'),
  of: string,
): string[] {
  return Array.from(targetsOf(database[edges], serviceNamed(database, of)!), (id) => database.names[id]!);
}

export function definition(
  database: Database,
  name: string,
): Partial<Omit<Longrun, 'type'>> & Partial<Omit<Oneshot, 'type'>> {
  return database.definition(serviceNamed(database, name)!) as Partial<Omit<Longrun, 'type'>> &
    Partial<Omit<Oneshot, 'type'>>;
}
