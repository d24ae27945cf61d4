/** What parsing one definition gives: everything in it is checked, apart from the names that it refers to. */

import type { Place } from '../diagnostics/diagnostic.ts';
import { present } from '../invariant.ts';
import type { ServiceKind } from '../model/database.ts';
import type { Definition } from '../model/definition.ts';

/** A name in a list. */
export interface Reference {
  readonly name: string;
  /** From 1, in a list file; 0 if the name is an entry of a directory; -1 if the list as a whole means it. */
  readonly line: number;
  /** As it stands in a template, where `%i` is not yet replaced. */
  readonly written?: string;
  /** Index into `ON_DEPENDENCY_RESTART`; only entries of `dependencies.d` have one that is not 0. */
  readonly onRestart: number;
}

export interface References {
  /** The file or directory that holds them: `dependencies.d`. */
  readonly list: string;
  readonly entries: readonly Reference[];
}

export interface ParsedService {
  readonly kind: ServiceKind;
  readonly name: string;
  readonly path: string;
  readonly place: (file: string, line?: number) => Place;
  readonly flags: number;
  readonly timeoutUp: number;
  readonly timeoutDown: number;
  readonly onUpdate: number;
  readonly description: string;
  readonly renamedFrom: readonly Reference[];
  readonly dependencies: References;
  readonly wants: References;
  readonly after: References;
  readonly before: References;
  readonly conflicts: References;
  /** One entry, or none. */
  readonly producerFor: References;
  readonly consumerFor: References;
  readonly pipelineName: Reference | null;
  /** What is started when it has failed, or is done. */
  readonly sequels: readonly References[];
  readonly definition: Definition;
  /** The service `NAME-log` that this one asks for, with its `log` file or in its `log/`. */
  readonly logger: ParsedLogger | null;
}

export interface ParsedLogger {
  readonly origin: 'file' | 'directory';
  readonly service: ParsedService;
}

export interface ParsedBundle {
  readonly kind: 'bundle';
  readonly name: string;
  readonly path: string;
  readonly place: (file: string, line?: number) => Place;
  readonly flags: number;
  readonly description: string;
  readonly contents: References;
}

/** A definition whose type or contents are not known: only its name counts. */
export interface BrokenDefinition {
  readonly kind: 'broken';
  readonly name: string;
  readonly path: string;
  readonly place: (file: string, line?: number) => Place;
}

/** Of which nothing but the name is known. */
export function brokenDefinition(name: string, path: string): BrokenDefinition {
  return { kind: 'broken', name, path, place: () => ({ file: path }) };
}

export type Parsed = ParsedService | ParsedBundle | BrokenDefinition;

export function isService(parsed: Parsed): parsed is ParsedService {
  return parsed.kind !== 'broken' && parsed.kind !== 'bundle';
}

export const NO_REFERENCES: References = { list: '', entries: [] };

/** Where a reference stands. */
export function placeOf(owner: Pick<ParsedService, 'place'>, list: string, reference: Reference): Place {
  if (reference.line < 0) return owner.place(list);
  return reference.line === 0
    ? owner.place(`${list}/${reference.written ?? reference.name}`)
    : owner.place(list, reference.line);
}

/** Every list of names that a definition has. */
export function listsOf(parsed: Parsed): readonly References[] {
  switch (parsed.kind) {
    case 'broken':
      return [];
    case 'bundle':
      return [parsed.contents];
    default:
      return [
        parsed.dependencies,
        parsed.wants,
        parsed.after,
        parsed.before,
        parsed.conflicts,
        parsed.producerFor,
        parsed.consumerFor,
        ...parsed.sequels,
      ];
  }
}

/** The first that names `name`, of which is known that one does. */
export function referenceTo(name: string, { list, entries }: References): Reference {
  return present(
    entries.find((entry) => entry.name === name),
    `${list} names ${name}`,
  );
}
