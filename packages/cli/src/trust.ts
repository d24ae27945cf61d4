/** Whether what a command is to obey comes from nobody but this user and root. */
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { readSource } from '@muster/store/source-tree/read';
import type { Sightings } from '@muster/store/source-tree/sightings';
import type { Call } from './arguments/command.ts';

export const TRUST_OPTION = {
  help: "also take sources that others own or may write to, who then decide what this user's services do",
} as const;

export type Sources = ReturnType<typeof readSource>[];

/** Nothing is read yet: the compiler walks through them. */
export function sourcesAt(directories: readonly string[], sightings: Sightings | null = null): Sources {
  return directories.map((directory) => readSource(directory, sightings));
}

/** What is in sources, which must have been walked through, that others could have written; none if the call trusts it. */
export function distrustedIn(sources: Sources, call: Call): Diagnostic[] {
  if (call.has('trust-source')) return [];
  return sources.flatMap(({ distrusted }) =>
    distrusted.map((diagnostic) => ({ ...diagnostic, hint: `${diagnostic.hint}, or say --trust-source` })),
  );
}
