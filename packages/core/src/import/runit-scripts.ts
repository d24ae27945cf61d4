/**
 * Scripts that were written for runsv, made to find under any supervisor what they found there: the files beside them, the
 * name of their directory, and `supervise/control` of themselves and of their neighbours.
 */
import type { RunitService } from './runit-directory.ts';

/** sv's commands that are one letter of `supervise/control`, which s6 takes as well as runit. */
const LETTERS: Readonly<Record<string, string>> = {
  up: 'u',
  start: 'u',
  u: 'u',
  down: 'd',
  stop: 'd',
  d: 'd',
  once: 'o',
  o: 'o',
  pause: 'p',
  p: 'p',
  cont: 'c',
  c: 'c',
  hup: 'h',
  reload: 'h',
  h: 'h',
  alarm: 'a',
  a: 'a',
  interrupt: 'i',
  i: 'i',
  quit: 'q',
  q: 'q',
  term: 't',
  t: 't',
  kill: 'k',
  k: 'k',
  '1': '1',
  '2': '2',
  restart: 'ut',
};
const SV = /(^|[\s;&|(])sv[ \t]+(?:-[vw][ \t]*\d*[ \t]+)*([a-z0-9-]+)[ \t]+([^\s;&|)]+)/g;

export interface Rewritten {
  readonly text: string;
  /** Calls of sv that were replaced. */
  readonly replaced: readonly string[];
  /** Calls of sv that could not be. */
  readonly left: readonly string[];
}

/** Replaces calls of sv on the service itself (`.`) and on services that are imported with it. */
export function rewriteSv(text: string, neighbours: ReadonlyMap<string, string>): Rewritten {
  const replaced: string[] = [];
  const left: string[] = [];
  const lines = text.split('\n').map((line) => {
    if (line.trimStart().startsWith('#')) return line;
    return line.replace(SV, (call, before: string, command: string, operand: string) => {
      const letters = LETTERS[command];
      const control = controlOf(operand.replace(/^["']|["']$/g, ''), neighbours);
      if (letters === undefined || control === null) {
        left.push(call.trim());
        return call;
      }
      replaced.push(call.trim());
      return `${before}printf ${letters} >${control}`;
    });
  });
  return { text: lines.join('\n'), replaced, left };
}

/** `neighbours`: from names in the directory to names of definitions. */
function controlOf(operand: string, neighbours: ReadonlyMap<string, string>): string | null {
  if (operand === '.') return 'supervise/control';
  const name = neighbours.get(operand.slice(operand.lastIndexOf('/') + 1));
  return name === undefined ? null : `"$RC_SERVICES/${name}/supervise/control"`;
}

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
