import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/commands.ts';
import { renderBash } from '../../src/completion/bash.ts';
import { describeCommands } from '../../src/completion/commands.ts';
import { renderFish } from '../../src/completion/fish.ts';
import { renderZsh } from '../../src/completion/zsh.ts';

const commands = await describeCommands();

test.each([
  { words: ['rc-compile', '--st'], completed: ['--strict'] },
  { words: ['muster', 'compile', '--che'], completed: ['--check'] },
  { words: ['muster', 'comp'], completed: ['compile', 'completion'] },
  { words: ['rc-db', 'dep'], completed: ['dependencies', 'dependents'] },
])('bash completes $words', ({ words, completed }) => {
  const script = `${renderBash(commands)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _muster; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const ran = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
  expect(ran.stderr).toBe('');
  expect(ran.stdout.trim().split('\n')).toEqual(completed);
});

test('every command and option is in the script of every shell', () => {
  for (const script of [renderBash(commands), renderZsh(commands), renderFish(commands)])
    for (const { name, options } of commands) {
      expect(Object.keys(COMMANDS)).toContain(name);
      expect(script).toContain(`rc-${name}`);
      for (const { long } of options) expect(script).toMatch(new RegExp(`(?:--|-l )${long}\\b`));
    }
});
