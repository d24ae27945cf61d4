/** From an argument vector to a command's exit status. */

import { isDamage, isSystemError } from '@muster/control/thrown';
import { nearest } from '@muster/core/compile/nearest';
import { COMMANDS } from '../commands.ts';
import { textOfSystemError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { type ColorChoice, chooseColor, outliveReaders, print, tell } from '../output.ts';
import { COMMON_OPTIONS, type Command } from './command.ts';
import { nameCommand } from './name.ts';
import { parse, wordsBeforeOperands } from './parse.ts';
import { wrongUsage } from './usage.ts';

/** That of the root package.json, put in by scripts/build.ts. */
declare const VERSION: string;

/** Runs the command that `calledAs` (`/usr/bin/rc-change`, `muster`) and `args` name. Returns the exit status. */
export async function callCommand(calledAs: string, args: readonly string[]): Promise<number> {
  const { name, rest } = nameCommand(calledAs, args);
  if (name === '--version') return answer(`muster ${VERSION}`);
  if (name === COMPLETE) return await complete(rest);
  if (name === 'help' && rest.length > 0) return await tellOf(rest);
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const { overview } = await import('./yargs.ts');
    return answer(await overview(summaries()));
  }
  if (!Object.hasOwn(COMMANDS, name)) {
    const { complaintAboutCommand } = await import('./yargs.ts');
    return wrongUsage('muster', complaintAboutCommand(name, summaries()));
  }

  const { command } = await COMMANDS[name]!.load();
  const program = `rc-${name}`;
  const options = { ...command.options, ...COMMON_OPTIONS };
  const own = ownWords(rest, command, options);
  if (own.includes('--version')) return answer(`${program} (muster) ${VERSION}`);
  if (isAskingForHelp(own)) {
    const { commandHelp } = await import('./yargs.ts');
    return answer(await commandHelp(program, command));
  }

  const call = parse(rest, options, command.endsAtOperand);
  if (call === null) {
    const { complaintAbout } = await import('./yargs.ts');
    return wrongUsage(program, complaintAbout(program, own, options));
  }
  // What nobody would read is a mistake: `rc-shutdown web` means something else than it would do.
  if (command.operands === undefined && call.operands.length > 0)
    return wrongUsage(program, `it takes no operands, and '${call.operands[0]}' is one`);
  const color = call.value('color') ?? 'auto';
  if (!isColorChoice(color)) return wrongUsage(program, `--color takes auto, always or never, not '${color}'`);
  chooseColor(color);
  if (command.acts) outliveReaders();
  try {
    return await command.run(call);
  } catch (error) {
    if (isSystemError(error)) return systemCallFailed(program, textOfSystemError(error));
    if (isDamage(error)) return (await import('../render/complain.ts')).complainAbout(error.diagnostic);
    throw error;
  }
}

/** What there is to know of each of `words`: the command of that name, and what the manual says. */
async function tellOf(words: readonly string[]): Promise<number> {
  const [{ commandHelp }, { passagesFor, knownWords }] = await Promise.all([
    import('./yargs.ts'),
    import('../help/help.ts'),
  ]);
  let unknown = 0;
  for (const word of words) {
    const name = word.replace(/^rc-/, '');
    const own = Object.hasOwn(COMMANDS, name)
      ? [await commandHelp(`rc-${name}`, (await COMMANDS[name]!.load()).command)]
      : [];
    const parts = [...own, ...passagesFor(word)];
    if (parts.length > 0) {
      print(`${parts.join('\n\n')}\n`);
      continue;
    }
    unknown++;
    const near = nearest(word, [...Object.keys(COMMANDS), ...knownWords()]);
    const meant = near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
    tell(`muster: nothing is known of '${word}'${meant}\n`);
  }
  return unknown === 0 ? EXIT.success : EXIT.failed;
}

/** What scripts of `muster completion` call, as yargs names it. `words`: those of the line, up to the one to complete. */
const COMPLETE = '--get-yargs-completions';

async function complete(words: readonly string[]): Promise<number> {
  const { candidates } = await import('../completion/candidates.ts');
  const found = await candidates(words);
  for (const { word, meaning } of found ?? []) print(`${word}\t${meaning}\n`);
  return found === null ? EXIT.failed : EXIT.success;
}

function summaries(): Record<string, string> {
  return Object.fromEntries(Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary]));
}

/** Without those of another program. */
function ownWords(
  words: readonly string[],
  { endsAtOperand }: Command,
  options: Command['options'],
): readonly string[] {
  return endsAtOperand ? wordsBeforeOperands(words, options) : words;
}

function isColorChoice(word: string): word is ColorChoice {
  return word === 'auto' || word === 'always' || word === 'never';
}

function systemCallFailed(program: string, text: string): number {
  tell(`${program}: ${text}\n`);
  return EXIT.systemCall;
}

function isAskingForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h');
}

function answer(text: string): number {
  print(`${text}\n`);
  return EXIT.success;
}
