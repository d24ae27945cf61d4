/**
 * What yargs makes of the tables of options: help, what is wrong with a call, and what a shell may complete. Calls that are
 * well formed never come here, since loading yargs takes as long as a command may take to start (docs/decisions/arguments.md);
 * that it reads them as `parse.ts` does, a test holds.
 */
import { nearest } from '@muster/core/compile/nearest';
import yargs, { type Argv, type Options as YargsOption } from 'yargs';
import { COMMON_OPTIONS, type Command, type Option } from './command.ts';

/** Columns of the narrowest terminal that people use. */
const WIDTH = 80;

type Options = Readonly<Record<string, Option>>;

/** yargs reads less than getopt_long(3) here (see `separated`) and would guess more: none of that. */
const PARSER = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'duplicate-arguments-array': true,
  'flatten-duplicate-arrays': true,
  'greedy-arrays': false,
  'nargs-eats-options': true,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'populate--': false,
  'short-option-groups': true,
};

/** In the words that Muster's other complaints have. */
const STRINGS = {
  'Unknown argument: %s': { one: 'unknown option: %s', other: 'unknown options: %s' },
  'Not enough arguments following: %s': 'the option %s needs a value',
  'Argument unexpected for: %s': 'the option %s takes no value',
  'Unknown command: %s': { one: 'there is no command %s', other: 'there are no commands %s' },
  'Did you mean %s?': 'did you mean %s?',
  'Options:': 'options:',
  'Examples:': 'examples:',
  'Commands:': 'commands:',
};

/** What yargs says of a call that it refuses. */
class Misuse extends Error {}

function parser(program: string): Argv {
  return yargs()
    .scriptName(program)
    .locale('en')
    .updateStrings(STRINGS as unknown as Record<string, string>)
    .exitProcess(false)
    .wrap(WIDTH)
    .parserConfiguration(PARSER)
    .fail((message, error) => {
      throw new Misuse(message ?? error.message);
    });
}

/** `options` are all that it takes. */
function readingParser(program: string, options: Options): Argv {
  return withOptions(parser(program).strictOptions().version(false).help(false), options, (option) => ({
    ...shown(option),
    ...(option.value === undefined ? { boolean: true, nargs: 0 } : { string: true, nargs: 1, requiresArg: true }),
  }));
}

function withOptions(bare: Argv, options: Options, describe: (option: Option) => YargsOption): Argv {
  return Object.entries(options).reduce((described, [name, option]) => described.option(name, describe(option)), bare);
}

function shown({ short, value, help }: Option): YargsOption {
  const letter = short === undefined ? {} : { alias: short };
  return { ...letter, describe: value === undefined ? help : `${value}: ${help}` };
}

/** Everything that may be given to `command`: those that are answered before it runs, too. */
export function optionsOf(command: Command): Options {
  const help = { short: 'h', help: 'print this' };
  return { ...command.options, ...COMMON_OPTIONS, help, version: { help: 'print the version' } };
}

export async function commandHelp(program: string, command: Command): Promise<string> {
  const operands = command.operands === undefined ? '' : ` ${command.operands}`;
  // Without types: yargs would name them behind every line.
  let described = withOptions(parser(program).version(false).help(false), optionsOf(command), shown).usage(
    `usage: $0 [OPTION…]${operands}\n\n${command.summary}.`,
  );
  for (const [line, meaning] of command.examples) described = described.example(line, meaning);
  return await described.getHelp();
}

/** `summaries`: of each command, by its name. */
export async function overview(summaries: Readonly<Record<string, string>>): Promise<string> {
  return await commandNames(summaries)
    .usage('usage: muster COMMAND [ARGUMENT…], or rc-COMMAND [ARGUMENT…]')
    .epilogue(
      'rc-COMMAND --help tells more, and muster help WORD what a file of a definition,\na diagnostic (RC1004) or a word means.',
    )
    .getHelp();
}

/** What is wrong with the name of a command that does not exist. */
export function complaintAboutCommand(name: string, summaries: Readonly<Record<string, string>>): string {
  return complaintOf(commandNames(summaries).strictCommands().recommendCommands(), [name]);
}

/**
 * What may stand in place of the last of `words`, which may be empty: names of commands, each a word and what it means with
 * a tab between, as yargs has them for fish.
 */
export async function completeCommand(words: readonly string[], summaries: Readonly<Record<string, string>>) {
  return await completionsOf(() => commandNames(summaries), words);
}

/** Likewise for options, and for the value of one whose values are known. */
export async function completeOption(words: readonly string[], options: Options): Promise<readonly string[]> {
  const described = () =>
    Object.entries(options).reduce(
      (parser, [name, { choices }]) => (choices === undefined ? parser : parser.choices(name, choices)),
      readingParser('rc', options),
    );
  return await completionsOf(described, words);
}

async function completionsOf(make: () => Argv, words: readonly string[]): Promise<readonly string[]> {
  process.env.SHELL = 'fish';
  return await make().getCompletion([...words]);
}

function commandNames(summaries: Readonly<Record<string, string>>): Argv {
  let named = parser('muster').version(false).help(false);
  for (const [name, summary] of Object.entries(summaries)) named = named.command(name, summary);
  return named;
}

/** What is wrong with a call that `parse.ts` could not read. */
export function complaintAbout(program: string, args: readonly string[], options: Options): string {
  const complaint = complaintOf(readingParser(program, options), separated(args, options));
  const unknown = args
    .map((word) => /^--([^=]+)/.exec(word)?.[1])
    .find((name) => name !== undefined && !(name in options));
  const [near] = unknown === undefined ? [] : nearest(unknown, Object.keys(options));
  return near === undefined ? complaint : `${complaint}; did you mean --${near}?`;
}

function complaintOf(described: Argv, args: readonly string[]): string {
  try {
    described.parseSync([...args]);
  } catch (error) {
    if (error instanceof Misuse) return error.message;
    throw error;
  }
  return 'the call makes no sense';
}

/** What yargs reads from a call: the values of each option that is given, and the operands. Null if it refuses the call. */
export function readWithYargs(
  args: readonly string[],
  options: Options,
): { readonly given: ReadonlyMap<string, readonly string[] | true>; readonly operands: readonly string[] } | null {
  let read: Readonly<Record<string, unknown>>;
  try {
    read = readingParser('rc', options).parseSync(separated(args, options));
  } catch (error) {
    if (error instanceof Misuse) return null;
    throw error;
  }
  const given = new Map<string, readonly string[] | true>();
  for (const [name, { value }] of Object.entries(options)) {
    if (!Object.hasOwn(read, name) || read[name] === undefined) continue;
    given.set(name, value === undefined ? true : [read[name]].flat().map(String));
  }
  return { given, operands: (read._ as unknown[]).map(String) };
}

/**
 * The same call without what yargs reads in its own way: clusters of letters (`-t5s` is `-t -5 -s` to it), and `--_`, which is
 * where it keeps operands.
 */
function separated(args: readonly string[], options: Options): string[] {
  const words: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (word === '--') return [...words, ...args.slice(at)];
    if (word === '-' || !word.startsWith('-')) words.push(word);
    else if (word.startsWith('--')) words.push(word.replace(/^--_(?==|$)/, '--__'));
    else words.push(...lettersOf(word.slice(1), options));
    const last = words.at(-1)!;
    const waits = word.startsWith('-') && options[last.slice(2)]?.value !== undefined;
    if (waits && at + 1 < args.length) words.push(args[++at]!);
  }
  return words;
}

function lettersOf(cluster: string, options: Options): string[] {
  const words: string[] = [];
  for (let at = 0; at < cluster.length; at++) {
    const name = Object.keys(options).find((option) => options[option]!.short === cluster[at]);
    // As a letter it would be taken for an operand, if it is a digit or a dash.
    if (name === undefined) return [...words, `--'${cluster[at]}'`];
    const isValued = options[name]!.value !== undefined;
    if (isValued && at + 1 < cluster.length) return [...words, `--${name}=${cluster.slice(at + 1)}`];
    words.push(`--${name}`);
  }
  return words;
}
