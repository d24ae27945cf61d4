/** A program of s6-overlay's that the executable is when it is called by its name. */
import { tell } from '../output.ts';

/** Without the name. Returns the exit status. */
export type OverlayProgram = (args: readonly string[]) => number | Promise<number>;

/** As programs of s6 exit. */
export const USAGE = 100;
export const SYSTEM = 111;

export function refuse(program: string, message: string, status: number): number {
  tell(`${program}: ${message}\n`);
  return status;
}

export interface Flags {
  /** Letters in order, each with its value, if it takes one. */
  readonly given: readonly (readonly [letter: string, value: string])[];
  readonly operands: readonly string[];
}

/** As getopt(3): letters may be run together, those in `valued` take what is behind them; the first operand ends them. Null: a letter that is none. */
export function flagsOf(args: readonly string[], letters: string, valued: string): Flags | null {
  const given: [string, string][] = [];
  let at = 0;
  for (; at < args.length && /^-./.test(args[at]!); at++) {
    if (args[at] === '--') return { given, operands: args.slice(at + 1) };
    const word = args[at]!;
    for (let index = 1; index < word.length; index++) {
      const letter = word[index]!;
      if (valued.includes(letter)) {
        const rest = word.slice(index + 1);
        const value = rest === '' ? args[++at] : rest;
        if (value === undefined) return null;
        given.push([letter, value]);
        break;
      }
      if (!letters.includes(letter)) return null;
      given.push([letter, '']);
    }
  }
  return { given, operands: args.slice(at) };
}
