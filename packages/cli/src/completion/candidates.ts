/** What a shell may put in place of the word under its cursor. */
import { openDatabase } from '@muster/store/database/open';
import type { Option } from '../arguments/command.ts';
import { nameCommand } from '../arguments/name.ts';
import { compiledPath } from '../arguments/paths.ts';
import { completeCommand, completeOption, optionsOf } from '../arguments/yargs.ts';
import { COMMANDS } from '../commands.ts';

export interface Candidate {
  readonly word: string;
  /** In a few words; empty if it explains itself. */
  readonly meaning: string;
}

type Options = Readonly<Record<string, Option>>;

/** `words`: of the line, from the command to the one under the cursor. Null if a shell knows better, such as names of files. */
export async function candidates(words: readonly string[]): Promise<readonly Candidate[] | null> {
  const { name, rest } = nameCommand(words[0] ?? 'muster', words.slice(1));
  const current = words.at(-1) ?? '';
  const found = await candidatesFor(name ?? '', rest);
  return found?.filter(({ word }) => word.startsWith(current)) ?? null;
}

async function candidatesFor(name: string, rest: readonly string[]): Promise<readonly Candidate[] | null> {
  if (rest.length === 0) {
    const summaries = Object.fromEntries(Object.entries(COMMANDS).map(([command, { summary }]) => [command, summary]));
    return (await completeCommand([name], summaries)).map(candidateOf);
  }
  if (!Object.hasOwn(COMMANDS, name)) return null;
  const { command } = await COMMANDS[name]!.load();
  const options = optionsOf(command);
  const mayBeOption = !rest.slice(0, -1).includes('--');
  const valued = mayBeOption ? waitingOption(rest.at(-2), options) : undefined;
  if (valued !== undefined && valued.choices === undefined) return null;
  if (valued !== undefined || (mayBeOption && rest.at(-1)!.startsWith('-')))
    return (await completeOption(rest, options)).map(candidateOf);
  return operandsOf(command.operands ?? '', rest.length);
}

/** The option that `word` is, if the next word is its value. */
function waitingOption(word: string | undefined, options: Options): Option | undefined {
  const found = Object.entries(options).find(([long, { short }]) => word === `--${long}` || word === `-${short}`);
  return found?.[1].value === undefined ? undefined : found[1];
}

/** `operands` as help shows them: `a|b NAME`, `[NAME…]`. */
function operandsOf(operands: string, position: number): readonly Candidate[] | null {
  const words = /^[a-z]+(?:\|[a-z]+)+/.exec(operands)?.[0];
  if (words !== undefined && position === 1) return words.split('|').map((word) => ({ word, meaning: '' }));
  return operands.includes('NAME') ? everyName() : null;
}

/** Of the compiled database; none if it cannot be read, which is no moment to complain. */
function everyName(): readonly Candidate[] {
  const opened = openDatabase(compiledPath());
  if (!opened.ok) return [];
  const { names, bundleNames, descriptions, bundleDescriptions } = opened.value.database;
  return [
    ...names.map((word, id) => ({ word, meaning: descriptions[id] || 'service' })),
    ...bundleNames.map((word, id) => ({ word, meaning: bundleDescriptions[id] || 'bundle' })),
  ];
}

/** As yargs has it for fish. */
function candidateOf(line: string): Candidate {
  const [word, meaning = ''] = line.split('\t');
  return { word: word!, meaning };
}
