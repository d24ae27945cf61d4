/** What the scripts of an image call of s6-overlay, and whether it is there. */
import type { OverlayImage, OverlayScript } from './image.ts';
import { OFFERED } from './offered.ts';

/** Those of s6, execline and their like that scripts call by name: whatever looks like one. */
const CALLED =
  /(?<![\w./-])(?:s6-[a-z-]+|with-contenv|printcontenv|with-retries|logutil-service|logutil-newfifo|execlineb|importas|import|foreground|background|fdmove|redirfd|multisubstitute|backtick|ifelse|ifthenelse|elgetpositionals|emptyenv|exec -c|eltest)(?![\w.-])/g;
/** Those that are words of other languages too: only where execline is spoken. */
const EXECLINE_ONLY: ReadonlySet<string> = new Set(['import', 'foreground', 'background', 'exec -c']);

export interface MissingPrograms {
  /** Paths that are to be links to what is offered, with its name. */
  readonly links: ReadonlyMap<string, string>;
  /** Names that are offered and not in the image. */
  readonly offered: readonly string[];
  /** For people. */
  readonly untaken: readonly string[];
}

export function missingPrograms(image: OverlayImage, path: string, scripts: readonly OverlayScript[]): MissingPrograms {
  const directories = path.split(':');
  const isHere = (name: string) => directories.some((directory) => image.has(`${directory}/${name}`));
  const links = new Map<string, string>();
  const untaken = new Map<string, string>();
  for (const script of scripts) {
    const interpreter = shebangOf(script);
    if (interpreter !== null && !image.has(interpreter[0]!)) {
      const name = basename(interpreter[0]!);
      if (OFFERED.has(name)) links.set(interpreter[0]!, name);
      else note(untaken, interpreter[0]!, `${interpreter[0]} is not in the image: ${script.path} cannot be run`);
    }
    const [first, second] = interpreter ?? [];
    if (first !== undefined && basename(first) === 'with-contenv' && second !== undefined && !second.startsWith('/'))
      if (!isHere(second)) note(untaken, second, `${second} is not in the image: ${script.path} cannot be run`);
    for (const name of namesCalledIn(script)) {
      if (OFFERED.has(name) || isHere(name)) continue;
      note(untaken, name, `${name} is not in the image, and not offered: ${script.path} calls it`);
    }
  }
  return { links, offered: [...OFFERED].filter((name) => !isHere(name)), untaken: [...untaken.values()] };
}

/** Each name once. */
function note(untaken: Map<string, string>, name: string, line: string): void {
  if (!untaken.has(name)) untaken.set(name, line);
}

function namesCalledIn(script: OverlayScript): string[] {
  const shebang = shebangOf(script);
  // `up` and `down` are command lines of execline, unless a shebang says otherwise.
  const isExecline = shebang === null ? /\/(?:up|down)$/.test(script.path) : basename(shebang[0]!) === 'execlineb';
  const lines = script.text.split('\n').filter((line) => !line.trimStart().startsWith('#'));
  const names = [...lines.join('\n').matchAll(CALLED)].map(([name]) => name);
  if (shebang === null && isExecline) names.unshift(...firstWord(lines));
  return names.filter((name) => isExecline || !EXECLINE_ONLY.has(name));
}

/** The program that a command line of execline begins with, if it is a name for PATH to look for. */
function firstWord(lines: readonly string[]): string[] {
  const [, word] = /^\s*([A-Za-z0-9_][\w.+-]*)(?:\s|$)/.exec(lines.join('\n')) ?? [];
  return word === undefined ? [] : [word];
}

/** Words behind `#!`: the interpreter, and at most one argument; null without. */
export function shebangOf({ text }: OverlayScript): readonly string[] | null {
  const line = /^#![ \t]*(\S+)[ \t]*([^\n]*)/.exec(text);
  if (line === null) return null;
  const argument = line[2]!.trimEnd();
  return argument === '' ? [line[1]!] : [line[1]!, argument];
}

const basename = (path: string) => path.slice(path.lastIndexOf('/') + 1);
