/**
 * Command lines of oneshots that were written for a shell. execline's lexer knows quotes, backslashes, comments and blocks:
 * everything else is a word for the program, which is started, gets `>` or `$HOME` as an argument, and may well exit with 0.
 *
 * Only what can hardly be meant is told of: what is quoted is somebody else's syntax (`sh -c "a && b"`), and some programs have
 * operators of their own.
 */
import type { Token } from '../lexer.ts';
import { basename } from '../shebang.ts';

export interface ShellFinding {
  readonly kind: 'shell-syntax' | 'second-command';
  /** Offset in bytes. */
  readonly at: number;
  /** `name`: of the file. */
  readonly message: (name: string) => string;
  readonly hint: string;
}

const DECODER = new TextDecoder('utf-8');
const OPERATOR = /^[<>|&;]$/;
const SCRIPT = 'begin it with #!/bin/sh to have a shell read it';

/** Programs that take such words for operators of their own: those of tests, of queries, and find's `-exec … ;`. */
const WITH_OPERATORS: ReadonlySet<string> = new Set(
  '[ test eltest expr find nft tmux awk gawk mawk jq bc dc tcpdump tshark iptables-restore sqlite3 psql mysql perl python python3 ruby lua sed xargs'.split(
    ' ',
  ),
);

/** Programs of execline that put values in the place of `$NAME`, some only if told so. */
const SUBSTITUTERS: ReadonlySet<string> = new Set(
  `backtick case define dollarat elgetopt elgetpositionals elglob execlineb for forbacktick forbacktickx forstdin forx getcwd getpid
  homeof import importas loopwhilex multidefine multisubstitute runblock trap with-contenv withstdinas`.split(/\s+/),
);

/** Programs that do one thing and end: what follows on another line is not theirs to execute. */
const ENDING: ReadonlySet<string> = new Set(
  `addgroup adduser cat chgrp chmod chown cp date depmod dmesg echo false fsck groupadd hostname hwclock ifconfig ifdown ifup insmod
  install ip ip6tables iptables kill killall ldconfig ln loadkeys logger mkdir mkfifo mknod mkswap modprobe mount mv pkill printf
  rm rmdir rmmod route setfont sleep swapoff swapon sync sysctl tar touch true umount useradd usermod`.split(/\s+/),
);

/** Others that begin a command: chained programs, and words of the shell. */
const BEGINNING: ReadonlySet<string> = new Set(
  `bash cd chroot do done elif else env esac eval exec exit export fi find foreground grep if ifelse nice nohup sed set setsid sh
  sudo test then timeout umask unset while`.split(/\s+/),
);

interface Word {
  readonly kind: Token['kind'];
  readonly start: number;
  readonly text: string;
  /** Without quotes and backslashes: what a shell would look at. */
  readonly isPlain: boolean;
}

export function shellSyntax(bytes: Uint8Array, tokens: readonly Token[]): ShellFinding | null {
  const words = wordsOf(bytes, tokens);
  const isSubstituted = words.some(({ text }) => SUBSTITUTERS.has(basename(text.replaceAll('"', ''))));
  for (const [at, word] of words.entries()) {
    if (word.kind !== 'word' || !word.isPlain) continue;
    const closesQuote = word.text.startsWith("'") && words.slice(at).some(({ text }) => /.'$/.test(text));
    const around = { previous: words[at - 1], next: words[at + 1], isFirst: at === 0, closesQuote, isSubstituted };
    const hint = hintFor(word.text, around);
    if (hint === null || isOwnOperator(words, at)) continue;
    return { kind: 'shell-syntax', at: word.start, message: (name) => messageFor(name, word.text), hint };
  }
  return null;
}

function messageFor(name: string, text: string): string {
  return `${name} is read by no shell, and ${text} is a word like any other to the program`;
}

interface Surroundings {
  readonly previous: Word | undefined;
  readonly next: Word | undefined;
  readonly isFirst: boolean;
  /** It, or a later word, ends in a single quote. */
  readonly closesQuote: boolean;
  readonly isSubstituted: boolean;
}

/** How it is said in execline; null if it need not be meant for a shell. */
function hintFor(text: string, { next, previous, isFirst, closesQuote, isSubstituted }: Surroundings): string | null {
  if (text === '&&') return `${SCRIPT}, or write if { COMMAND } COMMAND with execline`;
  if (text === '||') return `${SCRIPT}, or write ifelse { COMMAND } { } COMMAND with execline`;
  if (text === '|') return `${SCRIPT}, or write pipeline { COMMAND } COMMAND with execline`;
  if (text === '&') return `${SCRIPT}; but what is to go on belongs into a longrun`;
  if (text === ';' && previous !== undefined && next !== undefined)
    return `${SCRIPT}, or write foreground { COMMAND } COMMAND`;
  if (text.length > 1 && text.endsWith(';') && next !== undefined && beginsCommand(next))
    return `${SCRIPT}, or write foreground { COMMAND } COMMAND with execline`;
  const redirection = redirectionFor(text, next);
  if (redirection !== null) return `${SCRIPT}, or write ${redirection} COMMAND with execline`;
  if (/^(?:[\w:/.=-]*)\$\(/.test(text)) return `${SCRIPT}, or write backtick NAME { COMMAND } COMMAND with execline`;
  if (text.startsWith("'") && closesQuote) return 'its quotes are "…", as in sh -c "…"';
  const variable = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/.exec(text);
  if (variable !== null && !isSubstituted) {
    const name = variable[1] ?? variable[2] ?? '';
    return `${SCRIPT}, or put importas ${name} ${name} in front with execline`;
  }
  if (isFirst && next !== undefined && /^[A-Za-z_]\w*=/.test(text)) return `${SCRIPT}, or put env in front of it`;
  return null;
}

/** What execline has for `>`, `2>&1`, `>>FILE`, `</dev/null`. Null if it is none, as `<name@example.org>`. */
function redirectionFor(text: string, next: Word | undefined): string | null {
  const found = /^(\d?|&)(>>?|<|>\|)(&\d|&-|[^<>&|()=]*)$/.exec(text);
  if (found === null) return null;
  const [, descriptor = '', operator = '', target = ''] = found;
  if (target === '' && next?.kind !== 'word') return null;
  const number = /\d/.test(descriptor) ? descriptor : operator === '<' ? '0' : '1';
  if (target === '&-') return `fdclose ${number}`;
  if (target.startsWith('&')) return `fdmove -c ${number} ${target.slice(1)}`;
  return `redirfd ${operator === '<' ? '-r' : operator === '>>' ? '-a' : '-w'} ${number} FILE`;
}

/** Of one character, and of a program that knows such: the words before, back to the last brace, tell. */
function isOwnOperator(words: readonly Word[], at: number): boolean {
  if (!OPERATOR.test(words[at]?.text ?? '')) return false;
  return commandOf(words, at).some(({ text }) => WITH_OPERATORS.has(basename(text)));
}

function commandOf(words: readonly Word[], at: number): readonly Word[] {
  let start = at;
  while (words[start - 1]?.kind === 'word') start--;
  return words.slice(start, at);
}

function beginsCommand({ kind, text }: Word): boolean {
  return kind === 'word' && (ENDING.has(basename(text)) || BEGINNING.has(basename(text)));
}

/**
 * Two lines that are meant as two commands: the first begins with a program that does not execute what follows, and the
 * second, as far to the right, with a word that looks like a program.
 */
export function secondCommand(bytes: Uint8Array, tokens: readonly Token[]): ShellFinding | null {
  const words = wordsOf(bytes, tokens);
  for (const [at, first] of words.entries()) {
    if (first.kind !== 'word' || !ENDING.has(basename(first.text))) continue;
    if (words[at - 1]?.kind === 'word' || !hasOperand(first, words[at + 1], bytes)) continue;
    const second = words.slice(at + 1).find(({ start }) => lineOf(bytes, start) !== lineOf(bytes, first.start));
    if (second?.kind !== 'word' || !isCommand(second, words[words.indexOf(second) + 1], bytes)) continue;
    if (isContinued(bytes, second.start) || indentOf(bytes, second.start) !== indentOf(bytes, first.start)) continue;
    const blockless = words.slice(at + 1, words.indexOf(second)).every(({ kind }) => kind === 'word');
    if (!blockless) continue;
    const message = (name: string) =>
      `the lines of ${name} are one command: ${second.text} is a word for ${first.text}`;
    const hint = `${SCRIPT}, or write foreground { COMMAND } around all but the last with execline`;
    return { kind: 'second-command', at: second.start, message, hint };
  }
  return null;
}

function wordsOf(bytes: Uint8Array, tokens: readonly Token[]): Word[] {
  return tokens.map(({ kind, start, end }) => {
    const text = DECODER.decode(bytes.subarray(start, end));
    return { kind, start, text, isPlain: !/["\\]/.test(text) };
  });
}

/** On its own line. */
function hasOperand({ text, start }: Word, next: Word | undefined, bytes: Uint8Array): boolean {
  if (basename(text) === 'true' || basename(text) === 'sync') return true;
  return next?.kind === 'word' && lineOf(bytes, next.start) === lineOf(bytes, start);
}

/** A program that is known; or a bare word with something behind it on its line. */
function isCommand(word: Word, next: Word | undefined, bytes: Uint8Array): boolean {
  if (beginsCommand(word) || /\/s?bin\/[^/]+$/.test(word.text)) return true;
  const isAlone = next === undefined || lineOf(bytes, next.start) !== lineOf(bytes, word.start);
  return !isAlone && /^[a-z][\w.+-]*$/.test(word.text);
}

function lineOf(bytes: Uint8Array, at: number): number {
  return at === 0 ? -1 : bytes.lastIndexOf(0x0a, at - 1);
}

/** The line before ends in a backslash. */
function isContinued(bytes: Uint8Array, at: number): boolean {
  const end = lineOf(bytes, at);
  return end > 0 && bytes[end - 1] === 0x5c;
}

function indentOf(bytes: Uint8Array, at: number): number {
  return at - lineOf(bytes, at);
}
