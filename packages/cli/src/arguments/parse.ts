/**
 * Command lines, read as getopt_long(3) reads them: options and operands in any order, `-pd` for `-p -d`, `-t5s`,
 * `-t 5s`, `--timeout 5s` and `--timeout=5s`, and after `--` only operands.
 *
 * Written here because loading `node:util` for its `parseArgs`, or yargs, takes as long as a command may take to start
 * (docs/decisions/arguments.md); yargs.ts says what is wrong with what cannot be read here.
 */
import type { Call, Option } from './command.ts';

type Options = Readonly<Record<string, Option>>;

interface Given {
  readonly option: string;
  /** Null means a switch. */
  readonly value: string | null;
}

/** Null if it is not well formed, which yargs.ts explains. `endsAtOperand`: options come before all operands. */
export function parse(args: readonly string[], options: Options, endsAtOperand = false): Call | null {
  const given: Given[] = [];
  const operands: string[] = [];
  const left = [...args];
  while (left.length > 0) {
    const word = left.shift()!;
    if (word === '--') {
      operands.push(...left);
      break;
    }
    let isTaken = true;
    if (word.startsWith('--')) isTaken = takeLong(word.slice(2), left, options, given);
    else if (word.startsWith('-') && word !== '-') isTaken = takeShorts(word.slice(1), left, options, given);
    else if (endsAtOperand) operands.push(word, ...left.splice(0));
    else operands.push(word);
    if (!isTaken) return null;
  }
  return callOf(given, operands);
}

/** The words before the first operand. */
export function wordsBeforeOperands(args: readonly string[], options: Options): readonly string[] {
  for (let count = 0; count < args.length; count++) {
    const word = args[count]!;
    if (word === '--' || word === '-' || !word.startsWith('-')) return args.slice(0, count);
    const isWaiting = !word.startsWith('--')
      ? Object.values(options).some(({ short, value }) => value !== undefined && short === word.at(-1))
      : !word.includes('=') && options[word.slice(2)]?.value !== undefined;
    if (isWaiting) count++;
  }
  return args;
}

/** `text` is without its dashes; a value may be the next word of `left`. */
function takeLong(text: string, left: string[], options: Options, given: Given[]): boolean {
  const [option] = text.split('=', 1) as [string];
  const value = text.length > option.length ? text.slice(option.length + 1) : null;
  return Object.hasOwn(options, option) && take({ option, value }, left, options, given);
}

/** A cluster of letters, the last of which may have its value behind it. */
function takeShorts(letters: string, left: string[], options: Options, given: Given[]): boolean {
  for (let at = 0; at < letters.length; at++) {
    const option = Object.keys(options).find((name) => options[name]!.short === letters[at]);
    if (option === undefined) return false;
    const takesValue = options[option]!.value !== undefined;
    const value = takesValue && at + 1 < letters.length ? letters.slice(at + 1) : null;
    if (!take({ option, value }, left, options, given)) return false;
    if (takesValue) return true;
  }
  return true;
}

function take({ option, value }: Given, left: string[], options: Options, given: Given[]): boolean {
  const isSwitch = options[option]!.value === undefined;
  if (isSwitch && value !== null) return false;
  const found = isSwitch ? null : (value ?? left.shift());
  if (found === undefined) return false;
  given.push({ option, value: found });
  return true;
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
