/** The database that a container runs: what is compiled already, if nothing of the sources is newer, else compiled now. */
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compileSource } from '@muster/control/compile-source';
import { compiledTarget, type Target } from '@muster/control/update/target';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { failure, type Result, success } from '@muster/core/result';

export interface FoundDatabase {
  readonly target: Target;
  /** Of compiling: warnings. */
  readonly diagnostics: readonly Diagnostic[];
  /** Why a compiled file that is there was not taken, for people; null if it was, or is not there. */
  readonly passedOver: string | null;
}

/** A problem: mistakes in the sources, and what others could have written. Sources that are not there have nothing in them. */
export function findDatabase(
  compiled: string,
  sources: readonly string[],
): Result<FoundDatabase, readonly Diagnostic[]> {
  const there = sources.filter((source) => existsSync(source));
  const kept = existsSync(compiled) ? keptTarget(compiled, there) : failure(null);
  if (kept.ok) return success({ target: kept.value, diagnostics: [], passedOver: null });
  const { target, diagnostics, distrusted } = compileSource(there);
  if (target === null || distrusted.length > 0) return failure([...distrusted, ...diagnostics]);
  return success({ target, diagnostics, passedOver: kept.problem });
}

/** A problem: why it is not taken. */
function keptTarget(compiled: string, sources: readonly string[]): Result<Target, string> {
  const made = statSync(compiled).mtimeMs;
  for (const source of sources) {
    const newer = newerThan(made, source);
    if (newer !== null) return failure(`${compiled} is not used: ${newer} is as new`);
  }
  const target = compiledTarget(compiled);
  if (target.ok) return target;
  const { problem } = target;
  const why = problem.kind === 'unusable' ? problem.diagnostic.message : problem.message;
  return failure(`${compiled} is not used: ${why}`);
}

/** The first that is not older than `moment`: changed in the same tick of a coarse clock, it may be newer. Null if there is none. */
function newerThan(moment: number, path: string): string | null {
  const stats = lstatSync(path);
  if (stats.mtimeMs >= moment) return path;
  // A definition may be a link to its directory.
  const isDirectory = stats.isDirectory() || (stats.isSymbolicLink() && statOf(path)?.isDirectory());
  if (!isDirectory) return stats.isSymbolicLink() && (statOf(path)?.mtimeMs ?? 0) >= moment ? path : null;
  for (const name of readdirSync(path)) {
    const newer = newerThan(moment, join(path, name));
    if (newer !== null) return newer;
  }
  return null;
}

function statOf(path: string) {
  return statSync(path, { throwIfNoEntry: false });
}
