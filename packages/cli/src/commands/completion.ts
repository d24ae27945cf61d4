/** muster completion: what a shell needs to complete command lines. */

import type { Call, Command } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { SCRIPTS } from '../completion/scripts.ts';
import { EXIT } from '../exit-codes.ts';
import { print } from '../output.ts';

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

function run(call: Call): number {
  const [shell, more] = call.operands;
  if (shell === undefined || !Object.hasOwn(SCRIPTS, shell) || more !== undefined)
    return wrongUsage('muster completion', `shells are ${Object.keys(SCRIPTS).join(', ')}`);
  print(SCRIPTS[shell as keyof typeof SCRIPTS]());
  return EXIT.success;
}
