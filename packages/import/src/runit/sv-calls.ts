/** Calls of sv in scripts that were written for runsv, made into what sv does: a letter written to `supervise/control`. */

/** sv's commands that are letters of `supervise/control`, which s6 takes as well as runit. */
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
/** What is before a call, the program, and its words, up to the end of the command or a redirection. */
const SV = /(^|[\s;&|({`])((?:[^\s;&|(){}<>'"`$=]*\/)?sv)[ \t]+([^;&|)`<>\n]+)/g;
/** A command begins here. */
const COMMAND = /(?:^|[;&|({`]|(?:^|\s)(?:if|then|elif|else|do|while|until|!))\s*$/;
const EXEC = /(?:^|[\s;&|({`])exec\s+$/;
const REDIRECTION = /^\d*[<>]/;

export interface Rewritten {
  readonly text: string;
  /** Calls of sv that were replaced. */
  readonly replaced: readonly string[];
  /** Calls of sv that could not be. */
  readonly left: readonly string[];
}

/**
 * Replaces calls of sv on the service itself (`.`) and on services that are imported with it. `neighbours`: from names in
 * the directory to names of definitions.
 */
export function rewriteSv(text: string, neighbours: ReadonlyMap<string, string>): Rewritten {
  const replaced: string[] = [];
  const left: string[] = [];
  // There, names may mean other services.
  const isElsewhere = /\bSVDIR=/.test(text);
  const lines = text.split('\n').map((line) => {
    if (line.trimStart().startsWith('#')) return line;
    return line.replace(SV, (found, before: string, program: string, tail: string, at: number) => {
      const { words, rest } = wordsOf(tail, line.slice(at + found.length));
      const call = `${program} ${words.join(' ')}`;
      const position = line.slice(0, at) + before;
      const letters = isElsewhere
        ? null
        : replacement(words, neighbours, {
            isCommand: COMMAND.test(position),
            isExecuted: EXEC.test(position),
            isRedirected: REDIRECTION.test((rest + line.slice(at + found.length)).trimStart()),
          });
      (letters === null ? left : replaced).push(call);
      return letters === null ? found : `${before}${letters}${rest}`;
    });
  });
  return { text: lines.join('\n'), replaced, left };
}

/** A number right before a redirection belongs to that. `rest`: what is not of the words. */
function wordsOf(tail: string, after: string): { readonly words: readonly string[]; readonly rest: string } {
  const descriptor = REDIRECTION.test(after) ? (/\s(\d+)$/.exec(tail)?.[1] ?? '') : '';
  const text = tail.slice(0, tail.length - descriptor.length);
  const rest = text.slice(text.trimEnd().length) + descriptor;
  return { words: text.trim().split(/\s+/), rest };
}

interface Position {
  readonly isCommand: boolean;
  readonly isExecuted: boolean;
  readonly isRedirected: boolean;
}

/** Null if it has to stay. */
function replacement(
  words: readonly string[],
  neighbours: ReadonlyMap<string, string>,
  { isCommand, isExecuted, isRedirected }: Position,
): string | null {
  const [command, ...operands] = withoutOptions(words);
  const letters = LETTERS[command ?? ''];
  const controls = operands.map((operand) => controlOf(operand.replace(/^(["'])(.*)\1$/, '$2'), neighbours));
  if (letters === undefined || controls.length === 0 || controls.includes(null)) return null;
  const writes = controls.map((control) => `printf ${letters} >${control}`);
  const isSimple = writes.length === 1 && !isRedirected;
  if (isSimple && (isCommand || isExecuted)) return writes.join();
  return isCommand ? `{ ${writes.join('; ')}; }` : null;
}

function withoutOptions(words: readonly string[]): readonly string[] {
  let at = 0;
  for (; /^-[vVw]\d*$/.test(words[at] ?? ''); at++) if (words[at] === '-w') at++;
  return words.slice(at);
}

function controlOf(operand: string, neighbours: ReadonlyMap<string, string>): string | null {
  if (operand === '.') return 'supervise/control';
  const name = neighbours.get(operand.slice(operand.lastIndexOf('/') + 1));
  return name === undefined ? null : `"$RC_SERVICES"/${word(name)}/supervise/control`;
}

/** For sh. */
function word(text: string): string {
  return /^[A-Za-z0-9_.@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
