/** Which of runit's service directories become definitions, and of what name. */
import { isReserved } from '@muster/core/compile/names';
import type { RunitService } from './runit-directory.ts';

export interface Unit {
  readonly service: RunitService;
  /** The definition's name: `getty@` for a template. */
  readonly definition: string;
  /** What stands before the argument in the original names; null means no template. */
  readonly template: string | null;
  /** Names of the services that it makes, each with the original one. */
  readonly instances: readonly (readonly [original: string, made: string])[];
}

/** Null if it becomes a definition. */
export function whyUnusable({ name, files }: RunitService): { readonly file: string; readonly message: string } | null {
  if (isReserved(name)) return { file: '.', message: 'names that begin like this are reserved: give it another one' };
  if (name.includes('\n')) return { file: '.', message: 'a newline cannot be in a name: give it another one' };
  if (name.endsWith('@')) return { file: '.', message: 'a name that ends so is a template: give it another one' };
  const run = files.get('run');
  switch (run?.kind) {
    case undefined:
      return { file: 'run', message: 'there is none, so this is no service' };
    case 'link':
      return { file: 'run', message: `is a link to ${run.target}, which is no file: so this is no service` };
    case 'other':
      return { file: 'run', message: `${run.why}: so this is no service` };
    case 'file':
      return null;
  }
}

/** Links to one directory whose names begin alike are the instances of one template. */
export function unitsOf(services: readonly RunitService[]): Unit[] {
  const units: Unit[] = [];
  for (const service of services.filter(({ aliasOf }) => aliasOf === null)) {
    const aliases = services.filter(({ aliasOf }) => aliasOf === service.name).map(({ name }) => name);
    const names = [service.name, ...aliases];
    const template = aliases.length === 0 ? null : commonBeginning(names);
    if (template !== null) {
      const definition = `${template.slice(0, -1)}@`;
      const instances = names.map((name) => [name, `${definition}${name.slice(template.length)}`] as const);
      units.push({ service, definition, template, instances });
      continue;
    }
    for (const name of names) {
      const own = name === service.name ? service : { ...service, name };
      units.push({ service: own, definition: name, template: null, instances: [[name, name]] });
    }
  }
  return units;
}

/** `getty_` of `getty_tty1` and `getty_tty2`; null if the names have no such beginning. */
function commonBeginning(names: readonly string[]): string | null {
  const [, beginning] = /^(.+?[-_.])./.exec(names[0] ?? '') ?? [];
  if (beginning === undefined) return null;
  return names.every((name) => name.startsWith(beginning) && name !== beginning) ? beginning : null;
}
