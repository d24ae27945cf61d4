/**
 * Command lines, read as getopt_long(3) reads them: options and operands in any order, `-pd` for `-p -d`, `-t5s`,
 * `-t 5s`, `--timeout 5s` and `--timeout=5s`, and after `--` only operands.
 *
 * Written here because loading `node:util` for its `parseArgs` took a fifth of what a command may take to start
 * (docs/decisions/arguments.md).
 */
import { nearest } from '@muster/core/compile/nearest';
import type { Call, Option } from './command.ts';

type Options = Readonly<Record<string, Option>>;

interface Given {
  readonly option: string;
  /** Null: a switch. */
  readonly value: string | null;
}

/** The call, or what is wrong with it in the words of a complaint. */
export function parse(args: readonly string[], options: Options): Call | string {
  const given: Given[] = [];
  const operands: string[] = [];
  const left = [...args];
  while (left.length > 0) {
    const word = left.shift()!;
    if (word === '--') {
      operands.push(...left);
      break;
    }
    if (word.startsWith('--')) {
      const problem = takeLong(word.slice(2), left, options, given);
      if (problem !== null) return problem;
    } else if (word.startsWith('-') && word !== '-') {
      const problem = takeShorts(word.slice(1), left, options, given);
      if (problem !== null) return problem;
    } else operands.push(word);
  }
  return callOf(given, operands);
}

/** `text` is without its dashes; a value may be the next word of `left`. Returns what is wrong. */
function takeLong(text: string, left: string[], options: Options, given: Given[]): string | null {
  const [option] = text.split('=', 1) as [string];
  const value = text.length > option.length ? text.slice(option.length + 1) : null;
  if (!Object.hasOwn(options, option)) return unknown(option, options);
  return take({ option, as: `--${option}`, value }, left, options, given);
}

function unknown(option: string, options: Options): string {
  const [near] = nearest(option, Object.keys(options));
  return `there is no option --${option}${near === undefined ? '' : `: did you mean --${near}?`}`;
}

/** A cluster of letters, the last of which may have its value behind it. */
function takeShorts(letters: string, left: string[], options: Options, given: Given[]): string | null {
  for (let at = 0; at < letters.length; at++) {
    const as = `-${letters[at]}`;
    const option = Object.keys(options).find((name) => options[name]!.short === letters[at]);
    if (option === undefined) return `there is no option ${as}`;
    const takesValue = options[option]!.value !== undefined;
    const value = takesValue && at + 1 < letters.length ? letters.slice(at + 1) : null;
    const problem = take({ option, as, value }, left, options, given);
    if (problem !== null || takesValue) return problem;
  }
  return null;
}

function take(
  { option, as, value }: Given & { readonly as: string },
  left: string[],
  options: Options,
  given: Given[],
): string | null {
  const wanted = options[option]!.value;
  if (wanted === undefined && value !== null) return `${as} takes no value, and '${value}' is one`;
  const found = wanted === undefined ? null : (value ?? left.shift());
  if (found === undefined) return `${as} needs a value: ${wanted}`;
  given.push({ option, value: found });
  return null;
}

function callOf(given: readonly Given[], operands: readonly string[]): Call {
  const values = (option: string) =>
    given.flatMap((each) => (each.option === option && each.value !== null ? [each.value] : []));
  return {
    has: (option) => given.some((each) => each.option === option),
    value: (option) => values(option).at(-1),
    values,
    inOrder: (wanted) =>
      given.flatMap(({ option, value }) => (value !== null && wanted.includes(option) ? [{ option, value }] : [])),
    operands,
  };
}
