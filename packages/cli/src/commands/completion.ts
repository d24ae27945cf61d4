/** muster completion: what a shell needs to complete command lines. */

import type { Call, Command } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { renderBash } from '../completion/bash.ts';
import { describeCommands } from '../completion/commands.ts';
import { renderFish } from '../completion/fish.ts';
import { renderZsh } from '../completion/zsh.ts';
import { EXIT } from '../exit-codes.ts';
import { print } from '../output.ts';

const SHELLS = new Map([
  ['bash', renderBash],
  ['zsh', renderZsh],
  ['fish', renderFish],
]);

export const command: Command = {
  summary: 'Print what a shell needs to complete command lines',
  operands: 'bash|zsh|fish',
  options: {},
  examples: [
    ['eval "$(muster completion bash)"', 'in ~/.bashrc'],
    ['muster completion zsh > ~/.zfunc/_muster', 'in a directory of $fpath'],
    ['muster completion fish > ~/.config/fish/conf.d/muster.fish', 'for fish'],
  ],
  run,
};

async function run(call: Call): Promise<number> {
  const [shell, more] = call.operands;
  const render = SHELLS.get(shell ?? '');
  if (render === undefined || more !== undefined)
    return wrongUsage('muster completion', `shells are ${[...SHELLS.keys()].join(', ')}`);
  print(render(await describeCommands()));
  return EXIT.success;
}
