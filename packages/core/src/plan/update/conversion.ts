/**
 * The conversion file of s6-rc-update: what an operator knows about two databases that names do not tell.
 *
 *     # old name, what it is called now, what to do
 *     mount-var -> mount-rwfs
 *     httpd restart
 *
 * Every line is lexed by itself, by execline's rules. The first word is an atomic service of the live database, or a
 * bundle of exactly one.
 */

import { lex } from '../../compile/lexer.ts';
import { targetsOf } from '../../graph/edges.ts';
import { bundlesByName, type Database, nameOf, type ServiceId, servicesByName } from '../../model/database.ts';
import { failure, type Result, success } from '../../result.ts';
import type { UpdateProblem } from './problem.ts';

export interface Conversion {
  /** Old id to its new name, and the line that says so; 0 if nobody says so now, it is the way back to an earlier name. */
  readonly renames: ReadonlyMap<ServiceId, { readonly name: string; readonly line: number }>;
  readonly restarts: ReadonlySet<ServiceId>;
}

export const NO_CONVERSION: Conversion = { renames: new Map(), restarts: new Set() };

/** Reads a conversion file for the services of `old`, the database that is live. Problems are in the order of the lines. */
export function parseConversion(text: Uint8Array, old: Database): Result<Conversion, readonly UpdateProblem[]> {
  const atomic = servicesByName(old);
  const bundles = bundlesByName(old);
  const renames = new Map<ServiceId, { name: string; line: number }>();
  const restarts = new Set<ServiceId>();
  const seen = new Map<ServiceId, number>();
  const problems: UpdateProblem[] = [];

  linesOf(text).forEach((content, index) => {
    const line = index + 1;
    const lexed = lex(content);
    if (!lexed.ok) {
      problems.push({ kind: 'conversion-syntax', line, detail: lexed.problem.message });
      return;
    }
    const [first, ...rest] = lexed.value.argv.map((word) => UTF8.decode(word));
    if (first === undefined) return;
    const resolved = resolve(first);
    if (!resolved.ok) {
      problems.push({ kind: resolved.problem, name: first, line });
      return;
    }
    const id = resolved.value;
    const before = seen.get(id);
    if (before !== undefined) problems.push({ kind: 'listed-twice', name: nameOf(old, id), line, before });
    seen.set(id, line);
    readInstructions(rest, id, line);
  });
  return problems.length === 0 ? success({ renames, restarts }) : failure(problems);

  function resolve(name: string): Result<ServiceId, 'unknown-old-service' | 'old-is-a-bundle'> {
    const id = atomic.get(name);
    if (id !== undefined) return success(id);
    const bundle = bundles.get(name);
    if (bundle === undefined) return failure('unknown-old-service');
    const members = targetsOf(old.bundleMembers, bundle);
    const [only, ...more] = members;
    return only !== undefined && more.length === 0 ? success(only) : failure('old-is-a-bundle');
  }

  function readInstructions(words: readonly string[], id: ServiceId, line: number): void {
    let keywords = words;
    const [arrow, name] = words;
    if (arrow === '->' && name !== undefined) {
      renames.set(id, { name, line });
      keywords = words.slice(2);
    }
    for (const word of keywords) {
      if (word === 'restart') restarts.add(id);
      else problems.push({ kind: 'unknown-keyword', name: word, line });
    }
  }
}

const UTF8 = new TextDecoder('utf-8');
const NEWLINE = 0x0a;

function linesOf(text: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = text.indexOf(NEWLINE); end !== -1; end = text.indexOf(NEWLINE, start)) {
    lines.push(text.subarray(start, end));
    start = end + 1;
  }
  lines.push(text.subarray(start));
  return lines;
}
