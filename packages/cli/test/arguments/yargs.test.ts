/** The fast reader and yargs read the same tables: on every command line they agree. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMON_OPTIONS, type Option } from '../../src/arguments/command.ts';
import { parse } from '../../src/arguments/parse.ts';
import {
  commandHelp,
  complaintAbout,
  complaintAboutCommand,
  overview,
  readWithYargs,
} from '../../src/arguments/yargs.ts';
import { COMMANDS } from '../../src/commands.ts';

type Options = Readonly<Record<string, Option>>;

const commands = await Promise.all(
  Object.entries(COMMANDS).map(async ([name, { load }]) => ({ name, command: (await load()).command })),
);
const summaries = Object.fromEntries(Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary]));

/** What the fast reader makes of it, in the form of `readWithYargs`. */
function readFast(args: readonly string[], options: Options) {
  const call = parse(args, options);
  if (call === null) return null;
  const names = Object.keys(options).filter((name) => call.has(name));
  const given = new Map(names.map((name) => [name, options[name]!.value === undefined ? true : call.values(name)]));
  return { given, operands: call.operands };
}

function wordsFor(options: Options): fc.Arbitrary<string[]> {
  const names = Object.keys(options);
  const letters = Object.values(options).flatMap(({ short }) => short ?? []);
  const value = fc.constantFrom('', '5s', '-1', '-', '--', 'a=b', 'web', '-x', '--up', '0', '007', '1e3', 'true', 'ä');
  const word = fc.oneof(
    fc.constantFrom(...names).map((name) => `--${name}`),
    fc.tuple(fc.constantFrom(...names), value).map(([name, text]) => `--${name}=${text}`),
    fc.constantFrom(...letters, 'Z').map((letter) => `-${letter}`),
    fc.array(fc.constantFrom(...letters, 'Z'), { minLength: 2, maxLength: 3 }).map((cluster) => `-${cluster.join('')}`),
    fc.tuple(fc.constantFrom(...letters, 'Z'), value).map(([letter, text]) => `-${letter}${text}`),
    fc.constantFrom('--frobnicate', '--no-up', '--up.down', '--camelCase', '--constructor', '--__proto__', '--_'),
    value,
  );
  return fc.array(word, { maxLength: 6 });
}

describe.each(commands)('rc-$name', ({ command }) => {
  const options = { ...command.options, ...COMMON_OPTIONS };
  test('yargs and the fast reader agree on every command line', () => {
    let accepted = 0;
    const check = (args: string[]) => {
      const fast = readFast(args, options);
      if (fast !== null) accepted++;
      expect(readWithYargs(args, options)).toEqual(fast);
    };
    fc.assert(fc.property(wordsFor(options), check), { numRuns: 150 });
    // Else they would only have agreed on what is wrong.
    expect(accepted).toBeGreaterThan(15);
  });

  test('help names every option, and fits 80 columns', async () => {
    const help = await commandHelp('rc-x', command);
    for (const name of [...Object.keys(options), 'help', 'version']) expect(help).toContain(`--${name}`);
    for (const line of help.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });
});

const OPTIONS = {
  down: { short: 'd', help: 'a switch' },
  timeout: { short: 't', value: 'TIME', help: 'takes a value' },
};

test.each([
  [['--tiemout=5s'], 'unknown option: tiemout; did you mean --timeout?'],
  [['--frobnicate', '--zzz'], 'unknown options: frobnicate, zzz'],
  [['--constructor=1'], 'unknown option: constructor'],
  [['-dx'], "unknown option: 'x'"],
  [['-t'], 'the option timeout needs a value'],
  [['web', '--timeout'], 'the option timeout needs a value'],
  [['--down=no'], 'the option down takes no value'],
])('%j is refused', (args, complaint) => {
  expect(parse(args, OPTIONS)).toBeNull();
  expect(complaintAbout('rc-x', args, OPTIONS)).toBe(complaint);
});

test('a misspelt command is told with the one that it resembles', () => {
  expect(complaintAboutCommand('chnage', summaries)).toBe('did you mean change?');
  expect(complaintAboutCommand('frobnicate', summaries)).toBe('there is no command frobnicate');
});

test('the overview names every command, and fits 80 columns', async () => {
  const text = await overview(summaries);
  for (const name of Object.keys(summaries)) expect(text).toContain(`muster ${name} `);
  for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
});
