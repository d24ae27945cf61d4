/**
 * Scripts that were written for runsv, made to find under any supervisor what they found there: the files beside them, the
 * name of their directory, and `supervise/` of themselves and of their neighbours.
 */
import type { RunitService } from './runit-directory.ts';

/** Whether a script works wherever it lies: it looks at nothing beside it, nor at where it is. */
export function standsAlone(service: RunitService, text: string): boolean {
  const own = /^(run|finish|check|down|log\/.*|env\/.*|env)$/;
  if ([...service.files.keys()].some((path) => !own.test(path))) return false;
  return !/\bsv\b|\$\{?PWD|\bpwd\b|\bbasename\b|supervise\/|\.\/(?!env\b)/.test(text);
}

/** Where the original files lie in `data/`. An instance enters them through a link of its original name. */
export function homeOf(name: string, template: string | null): string {
  return template === null ? name : 'original';
}

/** The beginning of a script that goes where the original files are, in a directory of the original name. */
export function enter(name: string, template: string | null): string[] {
  const home = word(homeOf(name, template));
  const link = `"data/${template}$RC_INSTANCE"`;
  return [
    '#!/bin/sh',
    '# Imported from runit: the script finds its files, its name and its supervisor as it did there.',
    `export RC_SERVICES="\${PWD%/*}"`,
    `ln -sfn ../../supervise data/${home}/supervise || exit 111`,
    ...(template === null ? [] : [`ln -sfn ${home} ${link} || exit 111`]),
    `cd ${template === null ? `data/${home}` : link} || exit 111`,
  ];
}

function word(text: string): string {
  return /^[A-Za-z0-9_.@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
