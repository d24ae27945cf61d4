import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOUNDED } from '@muster/posix/test/bounded';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/commands.ts';
import { candidates } from '../../src/completion/candidates.ts';
import { SCRIPTS } from '../../src/completion/scripts.ts';
import { TestSite } from '../update/test-site.ts';

const ROOT = join(import.meta.dirname, '../../../..');

const site = new TestSite();
const environment = { ...site.environment, PATH: `${join(ROOT, 'build')}:${process.env.PATH}` };
beforeAll(async () => {
  const odd = Object.fromEntries(['web', 'two words', '$(touch pwned)'].map((name) => [`${name}/type`, 'oneshot\n']));
  const ups = Object.fromEntries(['web', 'two words', '$(touch pwned)'].map((name) => [`${name}/up`, '']));
  await site.compile({ ...odd, ...ups });
});
afterAll(() => site.remove());

function shell(program: string, args: readonly string[]): string {
  const options = { ...BOUNDED, env: environment, cwd: site.root, encoding: 'utf8' } as const;
  const { stdout, stderr, status } = spawnSync(program, args, options);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

/** The shells that are installed; the others are named. */
const shells = (['bash', 'zsh', 'fish'] as const).filter((name) => {
  const isHere = spawnSync(name, ['-c', ':']).error === undefined;
  if (!isHere) console.log(`completion is not tried with ${name}: it is not installed`);
  return isHere;
});

/** What the script that the built command prints makes of `words`: all candidates, or what zsh puts in the line. */
const COMPLETERS = {
  bash: (words: readonly string[]): string[] => {
    const script = `eval "$(muster completion bash)"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _muster; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return shell('bash', ['-c', script, 'bash', ...words])
      .trimEnd()
      .split('\n');
  },
  fish: (words: readonly string[]): string[] => {
    const lines = shell('fish', [
      '--no-config',
      '-c',
      'muster completion fish | source; complete -C $argv[1]',
      words.join(' '),
    ]);
    return lines
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[0]!);
  },
  // Only a terminal gets completion from zsh: it types, presses Tab, and shows the line.
  zsh: (words: readonly string[]): string[] => {
    const functions = join(site.root, 'functions');
    mkdirSync(functions, { recursive: true });
    writeFileSync(join(functions, '_muster'), shell('muster', ['completion', 'zsh']));
    const script = `zmodload zsh/zpty
zpty z 'zsh -f -i'
zpty -w z 'PS1=; fpath=(${functions} $fpath); autoload -Uz compinit; compinit -u -D; setopt no_beep; stty -echo'
zpty -w z 'show() { print -r -- "<<$BUFFER>>"; BUFFER= }; zle -N show; bindkey "^X" show; print READY:'
zpty -r -m z output $'*\nREADY:*'
zpty -w -n z "$1"$'\t\x18'
zpty -r -m z output '*<<*>>*'
print -r -- "$output"
zpty -d z`;
    const line = /<<(.*)>>/.exec(shell('zsh', ['-f', '-c', script, 'zsh', words.join(' ')]))![1]!;
    return [line.slice(line.lastIndexOf(' ', line.length - 2) + 1).trimEnd()];
  },
} as const;

describe.each(shells)('%s', (name) => {
  test.each([
    { words: ['rc-compile', '--st'], completed: ['--strict'] },
    { words: ['muster', 'compile', '--che'], completed: ['--check'] },
    { words: ['muster', 'comp'], completed: ['compile', 'completion'], common: 'comp' },
    { words: ['rc-db', 'dep'], completed: ['dependencies', 'dependents'], common: 'dependen' },
    { words: ['muster', 'db', 'conte'], completed: ['contents'] },
    { words: ['rc-change', 'we'], completed: ['web'] },
    { words: ['muster', 'change', 'we'], completed: ['web'] },
  ])('completes $words', ({ words, completed, common }) => {
    expect(COMPLETERS[name](words)).toEqual(name === 'zsh' && common !== undefined ? [common] : completed);
  });
});

test('names are not expanded by bash, whatever they hold', () => {
  expect(COMPLETERS.bash(['rc-change', 'two'])).toEqual(['two words']);
  expect(COMPLETERS.bash(['rc-change', '$'])).toEqual(['$(touch pwned)']);
  expect(existsSync(join(site.root, 'pwned'))).toBe(false);
});

test('every option of every command is offered, with what it means, and its values where they are known', async () => {
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    const { command } = await load();
    const offered = new Map((await candidates([`rc-${name}`, '--']))!.map(({ word, meaning }) => [word, meaning]));
    for (const [long, { choices, help }] of Object.entries(command.options)) {
      expect(offered.get(`--${long}`), `${name} --${long}`).toContain(help);
      if (choices === undefined) continue;
      expect((await candidates(['muster', name, `--${long}`, '']))!.map(({ word }) => word)).toEqual(choices);
    }
  }
});

test.each([
  ['a command', ['muster', 'chan'], ['change']],
  ['nothing that is there already', ['rc-change', '--down', '--dow'], []],
  ['a value behind a letter', ['rc-init', '-b', 'ru'], ['runit']],
  ['no option after --', ['rc-list', '--', '--j'], []],
])('%s', async (_, words, expected) => {
  expect((await candidates(words))!.map(({ word }) => word)).toEqual(expected);
});

test('files are left to the shell', async () => {
  for (const words of [
    ['rc-compile', 'so'],
    ['rc-change', '--live', '/ru'],
    ['rc-frobnicate', 'x'],
  ])
    expect(await candidates(words)).toBeNull();
});

test('every link is completed in every shell', () => {
  for (const script of Object.values(SCRIPTS))
    for (const name of Object.keys(COMMANDS)) expect(script()).toMatch(new RegExp(`\\brc-${name}\\b`));
});
