/** What an instance is made of: its template with the instance put in, and its own variables around the scripts. */
import { expandInstance } from '../compile/words.ts';
import { present } from '../invariant.ts';
import type { Database } from '../model/database.ts';
import type { Definition, FileEntry, Longrun, RegularFile } from '../model/definition.ts';
import { type Template, templateNamed } from '../model/template.ts';
import type { InstanceService } from './instance-set.ts';

/** Variables of an instance, in the order of their names. */
export type Variables = readonly (readonly [name: string, value: string])[];

/** `sh` must be able to export it. */
export function isVariableName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/** `variables`: none unless it has some. */
export function instanceDefinition(
  { templates }: Pick<Database, 'templates'>,
  { template, instance, isLogger }: Pick<InstanceService, 'template' | 'instance' | 'isLogger'>,
  variables: Variables,
): Definition {
  const index = present(templateNamed(templates, template), 'an instance is of a template of its database');
  const made = templates.template(index);
  return isLogger
    ? present(loggerDefinition(made, instance) ?? undefined, 'an instance has a logger because its template has')
    : withVariables(ownDefinition(made, instance), variables);
}

export function ownDefinition({ definition }: Template, instance: string): Definition {
  return definition.type === 'longrun'
    ? instantiatedLongrun(definition, instance)
    : { ...definition, instance: expandInstance(definition.instance ?? '', instance) };
}

export function loggerDefinition({ logger }: Template, instance: string): Longrun | null {
  return logger === null ? null : instantiatedLongrun(logger, instance);
}

function instantiatedLongrun(longrun: Longrun, instance: string): Longrun {
  const { logger } = longrun;
  const expand = (text: string) => expandInstance(text, instance);
  const placed =
    logger === null
      ? null
      : {
          ...logger,
          directory: expand(logger.directory),
          prefix: expand(logger.prefix),
          link: logger.link === null ? null : expand(logger.link),
        };
  const onFailed = longrun.onFailed === null ? null : expand(longrun.onFailed);
  const onDone = longrun.onDone === null ? null : expand(longrun.onDone);
  return { ...longrun, onFailed, onDone, logger: placed, instance };
}

/** Where the scripts of the template are while others, which set the variables, have their names. */
const SCRIPTS = 'data/.scripts';
const WITH_VARIABLES: ReadonlySet<string> = new Set(['run', 'finish', 'ready-check']);

/**
 * Each script is executed by a shell that has the variables. They are inside of what is for its user alone, and not in files
 * of `env/`: a value may have newlines in it, and is for `finish` and `ready-check` as well. Nothing of it is ever on a command
 * line, where everybody could read it.
 */
export function withVariables(definition: Definition, variables: Variables): Definition {
  if (variables.length === 0 || definition.type === 'oneshot') return definition;
  const files = definition.files.flatMap((file): FileEntry[] =>
    file.kind === 'file' && WITH_VARIABLES.has(file.path) ? wrapped(file, variables) : [file],
  );
  return { ...definition, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

function wrapped(file: RegularFile, variables: Variables): FileEntry[] {
  const path = `${SCRIPTS}/${file.path}`;
  const lines = [
    '#!/bin/sh',
    ...variables.map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`),
    // By the path that this was executed by: it may be in another directory by now.
    `exec "\${0%/*}/${path}" "$@"`,
  ];
  const content = new TextEncoder().encode(`${lines.join('\n')}\n`);
  return [
    { kind: 'file', path: file.path, mode: 0o700, content },
    { ...file, path },
  ];
}
