/**
 * One command line, lexed as execlineb lexes it, into one argument vector.
 *
 *     between ──character──▶ word ──blank, newline──▶ between
 *        │ ▲                  │ ▲
 *        # newline            " "            in quotes, \ starts an escape: a letter, a decimal number of up to three
 *        ▼ │                  ▼ │            digits, an octal one after 0, a hexadecimal one after 0x
 *       comment             quoted
 *
 * `{` and `}` count as braces only when they are words of their own, unquoted. A block is encoded in the vector: each
 * of its words has as many spaces in front as the block is deep, and an empty word at the outer depth ends it. Nothing
 * is substituted. The text ends at its end or at the first NUL.
 *
 * execlineb forgives an end of text after a backslash between words, and after a number in quotes; and what was begun
 * when a backslash follows a brace directly goes on in the next word. That is kept.
 */

import { failure, type Result, success } from '../result.ts';

export interface CommandLine {
  readonly argv: readonly Uint8Array[];
  readonly tokens: readonly Token[];
}

/** What stands in the text between blanks, comments left out. */
export interface Token {
  readonly kind: 'word' | 'open' | 'close';
  /** Offsets in the text, in bytes. The word is as it is written, with its quotes and backslashes. */
  readonly start: number;
  readonly end: number;
}

export interface LexProblem {
  readonly kind: 'syntax-error' | 'unmatched-open-brace' | 'unmatched-close-brace' | 'too-large';
  /** What is wrong, for people. */
  readonly message: string;
  /** Offset in the text, in bytes, of what is to blame. */
  readonly at: number;
}

const NUL = 0;
const NEWLINE = 0x0a;
const BLANK_MAX = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const SPACE = 0x20;
const ZERO = 0x30;
const LETTER_X = 0x78;

/** Letters that stand for a control character after a backslash in quotes. */
const ESCAPES: ReadonlyMap<number, number> = new Map([...'abtnvfr'].map((letter, i) => [letter.charCodeAt(0), 7 + i]));

/**
 * Bytes of all words together: Linux executes no more (three quarters of 8 MiB), whatever the limits are. Each word is
 * counted with its NUL and the pointer to it.
 */
export const LONGEST_COMMAND = 6 * 1024 * 1024;
const WORD_COST = 9;

/** A word is over, or the text is, or there is an error. */
type Outcome = 'next' | 'end' | LexProblem;

export function lex(text: Uint8Array): Result<CommandLine, LexProblem> {
  const lexer = new Lexer(text);
  const tokens: Token[] = [];
  for (;;) {
    const before = { depth: lexer.openBraces.length, words: lexer.argv.length, start: lexer.at };
    const outcome = lexer.step();
    const grown = lexer.openBraces.length - before.depth;
    if (grown !== 0 || lexer.argv.length > before.words) {
      const kind = grown > 0 ? 'open' : grown < 0 ? 'close' : 'word';
      // What ends a word is not of it; but at the end of the text there is nothing behind it.
      tokens.push({ kind, start: before.start, end: Math.min(lexer.at - 1, text.length) });
    }
    if (outcome === 'next') continue;
    if (outcome !== 'end') return failure(outcome);
    const open = lexer.openBraces.at(-1);
    if (open === undefined) return success({ argv: lexer.argv, tokens });
    return failure(problem('unmatched-open-brace', 'this { is never closed', open));
  }
}

class Lexer {
  readonly argv: Uint8Array[] = [];
  /** Offsets of the braces that are open. */
  readonly openBraces: number[] = [];
  #word: number[] = [];
  /** What was put into words so far; nested braces count for their ends, too. */
  #size = 0;
  #at = 0;
  readonly #text: Uint8Array;

  constructor(text: Uint8Array) {
    this.#text = text;
  }

  /** Offset of the next character. */
  get at(): number {
    return this.#at;
  }

  /** From between two words to the next place between two words. */
  step(): Outcome {
    const start = this.#at;
    if (this.#size > LONGEST_COMMAND) return tooLarge(start);
    const character = this.#next();
    if (character === NUL) return 'end';
    if (character <= BLANK_MAX) return 'next';
    if (character === HASH) return this.#comment();
    if (character === BACKSLASH) return this.#escapedStart();
    this.#indent();
    if (character === QUOTE) return this.#quoted(start);
    this.#put(character);
    if (character === OPEN) return this.#open(start);
    if (character === CLOSE) return this.#close(start);
    return this.#unquoted();
  }

  #comment(): Outcome {
    for (;;) {
      const character = this.#next();
      if (character === NUL) return 'end';
      if (character === NEWLINE) return 'next';
    }
  }

  /** After a backslash that does not stand within a word: it continues the line, or its character begins a word. */
  #escapedStart(): Outcome {
    const character = this.#next();
    if (character === NUL) return 'end';
    if (character === NEWLINE) return 'next';
    this.#indent();
    this.#put(character);
    return this.#unquoted();
  }

  #open(start: number): Outcome {
    const character = this.#next();
    if (character === NUL) return problem('syntax-error', 'the text ends right after this {', start);
    if (character > BLANK_MAX) return this.#afterBrace(character);
    this.openBraces.push(start);
    this.#word.length -= this.openBraces.length;
    return 'next';
  }

  #close(start: number): Outcome {
    const character = this.#next();
    if (character > BLANK_MAX) return this.#afterBrace(character);
    if (this.openBraces.pop() === undefined) return problem('unmatched-close-brace', 'this } closes nothing', start);
    this.#word.length -= 2;
    this.#endWord();
    return character === NUL ? 'end' : 'next';
  }

  /** The brace turned out to be the beginning of an ordinary word. */
  #afterBrace(character: number): Outcome {
    if (character === QUOTE) return this.#quoted(this.#at - 1);
    if (character === BACKSLASH) return this.#escapedStart();
    this.#put(character);
    return this.#unquoted();
  }

  #unquoted(): Outcome {
    for (;;) {
      const start = this.#at;
      if (this.#size > LONGEST_COMMAND) return tooLarge(start);
      const character = this.#next();
      if (character <= BLANK_MAX) {
        this.#endWord();
        return character === NUL ? 'end' : 'next';
      }
      if (character === QUOTE) return this.#quoted(start);
      if (character === BACKSLASH) {
        const escaped = this.#next();
        if (escaped === NUL) return problem('syntax-error', 'the text ends in an escape', start);
        this.#put(escaped);
      } else this.#put(character);
    }
  }

  #quoted(start: number): Outcome {
    for (;;) {
      if (this.#size > LONGEST_COMMAND) return tooLarge(start);
      const character = this.#next();
      if (character === NUL) return problem('syntax-error', 'this quote is never closed', start);
      if (character === QUOTE) return this.#unquoted();
      if (character !== BACKSLASH) {
        this.#put(character);
        continue;
      }
      const outcome = this.#quotedEscape(this.#at - 1, start);
      if (outcome !== 'next') return outcome;
    }
  }

  #quotedEscape(start: number, quote: number): Outcome {
    const character = this.#next();
    if (character === NUL) return problem('syntax-error', 'this quote is never closed', quote);
    if (character === NEWLINE) return 'next';
    const control = ESCAPES.get(character);
    const first = digit(character, 10);
    if (control !== undefined) this.#put(control);
    else if (character === ZERO) return this.#prefixedNumber(start);
    else if (first !== null) return this.#number(start, 10, first, 2);
    else this.#put(character);
    return 'next';
  }

  #prefixedNumber(start: number): Outcome {
    const character = this.#next();
    const base = character === LETTER_X ? 16 : 8;
    const first = digit(base === 16 ? this.#next() : character, base);
    if (first === null) return problem('syntax-error', `a digit of base ${base} is missing here`, start);
    return this.#number(start, base, first, base === 16 ? 1 : 2);
  }

  /** At most `more` digits follow the first one. */
  #number(start: number, base: number, first: number, more: number): Outcome {
    let value = first;
    for (let i = 0; i < more; i++) {
      const next = digit(this.#text[this.#at] ?? NUL, base);
      if (next === null) break;
      value = value * base + next;
      this.#at++;
    }
    if (value === 0 || value > 255)
      return problem('syntax-error', `the character number ${value} is not between 1 and 255`, start);
    this.#put(value);
    if ((this.#text[this.#at] ?? NUL) !== NUL) return 'next';
    this.#endWord();
    return 'end';
  }

  #put(character: number): void {
    this.#word.push(character);
    this.#size++;
  }

  #indent(): void {
    for (let i = 0; i < this.openBraces.length; i++) this.#put(SPACE);
  }

  #endWord(): void {
    this.argv.push(Uint8Array.from(this.#word));
    this.#size += WORD_COST;
    this.#word = [];
  }

  /** The next character; NUL at the end of the text. */
  #next(): number {
    return this.#text[this.#at++] ?? NUL;
  }
}

function digit(character: number, base: number): number | null {
  const value =
    character >= ZERO && character <= 0x39
      ? character - ZERO
      : character >= 0x41 && character <= 0x46
        ? character - 0x41 + 10
        : character >= 0x61 && character <= 0x66
          ? character - 0x61 + 10
          : base;
  return value < base ? value : null;
}

function tooLarge(at: number): LexProblem {
  return problem('too-large', `its words have more than ${LONGEST_COMMAND} bytes, which no system executes`, at);
}

function problem(kind: LexProblem['kind'], message: string, at: number): LexProblem {
  return { kind, message, at };
}
