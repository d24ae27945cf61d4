/** rc-overlay: what scripts of s6-overlay images call and their image lacks. As a link of such a name it is that program. */
import type { Call, Command } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { PROGRAMS } from '../overlay/programs.ts';

const PROGRAM = 'rc-overlay';

export const command: Command = {
  summary: 'Is a program that scripts of s6-overlay images call, such as with-contenv',
  operands: '-- NAME [ARGUMENT…]',
  options: {},
  examples: [['rc-overlay -- with-contenv env', "the container's environment, as scripts see it"]],
  run,
};

async function run({ operands }: Call): Promise<number> {
  const [name, ...args] = operands;
  if (name === undefined || !Object.hasOwn(PROGRAMS, name))
    return wrongUsage(PROGRAM, `one of these is needed: ${Object.keys(PROGRAMS).join(', ')}`);
  return await PROGRAMS[name as keyof typeof PROGRAMS](args);
}
