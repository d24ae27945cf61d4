/** The option tables of all commands, as shells see them. Names of services are asked for when they are needed. */
import { COMMON_OPTIONS, type Option } from '../arguments/command.ts';
import { COMMANDS } from '../commands.ts';

export interface Described {
  /** `compile`; the link is `rc-compile`. */
  readonly name: string;
  readonly summary: string;
  readonly options: readonly (Option & { readonly long: string })[];
  readonly takes: Operands;
}

/** What the operands are. */
type Operands = 'services' | 'files' | readonly string[];

/** Prints every name, of the live database if there is one. */
export const NAMES = 'rc-db list 2>/dev/null';

export async function describeCommands(): Promise<Described[]> {
  return await Promise.all(
    Object.entries(COMMANDS).map(async ([name, { summary, load }]) => {
      const { command } = await load();
      const options = Object.entries({ ...command.options, ...COMMON_OPTIONS, help: HELP }).map(([long, option]) => ({
        long,
        ...option,
      }));
      return { name, summary, options, takes: operandsOf(command.operands ?? '') };
    }),
  );
}

const HELP: Option = { short: 'h', help: 'print help' };

function operandsOf(operands: string): Operands {
  const words = /^[a-z]+(?:\|[a-z]+)+/.exec(operands)?.[0];
  if (words !== undefined) return words.split('|');
  return operands.includes('NAME') ? 'services' : 'files';
}
