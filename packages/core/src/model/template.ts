/**
 * Templates as they were written, so that an instance can be made of one whenever it is wanted. In names, and in the
 * directory and prefix of a logger, `%i` stands for the instance; it is also what `definition.instance` is.
 */
import { type Edges, noEdges } from '../graph/edges.ts';
import type { OnDependencyRestart, OnUpdate, ServiceId } from './database.ts';
import type { Definition, Longrun } from './definition.ts';

/** What stands for the instance. */
export const INSTANCE = '%i';

declare const counted: unique symbol;

/** Index of a template: 0 … `TemplateTable.names.length` - 1. */
export type TemplateIndex = number & { readonly [counted]: 'template' };

export interface TemplateTable {
  /** In the byte order of their UTF-8 form; each ends with `@`. */
  readonly names: readonly string[];
  /** Bits of `FLAG`: those that a service has by its own definition. */
  readonly flags: Uint8Array;
  /** The services that the compiler made of each, without their loggers. */
  readonly instances: Edges<TemplateIndex, ServiceId>;
  /** Decoded when asked for. */
  template(index: TemplateIndex): Template;
}

export interface Template {
  readonly definition: Definition;
  /** Milliseconds; 0 means no limit. */
  readonly timeoutUp: number;
  readonly timeoutDown: number;
  readonly onUpdate: OnUpdate;
  readonly description: string;
  readonly renamedFrom: readonly string[];
  readonly dependencies: readonly TemplateDependency[];
  readonly wants: readonly string[];
  readonly after: readonly string[];
  readonly before: readonly string[];
  readonly conflicts: readonly string[];
  readonly producerFor: string | null;
  readonly consumerFor: readonly string[];
  readonly pipelineName: string | null;
  /** What the logger that each instance gets with its `log` is made of. */
  readonly logger: Longrun | null;
}

export interface TemplateDependency {
  readonly name: string;
  readonly onRestart: OnDependencyRestart;
}

export const NO_TEMPLATES: TemplateTable = {
  names: [],
  flags: new Uint8Array(0),
  instances: noEdges(0),
  template() {
    throw new RangeError('there is no template');
  },
};

/** Ascending. */
export function everyTemplate({ names }: TemplateTable): TemplateIndex[] {
  return names.map((_, index) => index as TemplateIndex);
}

/** Undefined if there is no such template. */
export function templateNamed({ names }: TemplateTable, name: string): TemplateIndex | undefined {
  const index = names.indexOf(name);
  return index === -1 ? undefined : (index as TemplateIndex);
}
