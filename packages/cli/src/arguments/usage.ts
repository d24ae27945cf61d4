/** Calls that make no sense. */
import { EXIT } from '../exit-codes.ts';
import { tell } from '../output.ts';

/** One line that says what is wrong and one that says where to look. Returns the exit status. */
export function wrongUsage(program: string, message: string): number {
  tell(`${program}: ${message}\n  see ${program} --help\n`);
  return EXIT.usage;
}
