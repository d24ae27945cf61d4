/** What keeps control from doing what a command asks: told to people, with the exit status that it has. */
import type { BadDatabase, Hindrance, LookProblem } from '@muster/control/problems';
import { EXIT } from '../exit-codes.ts';
import { complain, complainAbout, complainAboutBusy, complainAboutNames } from './complain.ts';

export function complainAboutProblem(program: string, problem: LookProblem | Hindrance | BadDatabase): number {
  switch (problem.kind) {
    case 'unusable':
      return complainAbout(problem.diagnostic);
    case 'unknown-names':
      return complainAboutNames(program, problem.unknown, problem.database);
    case 'bad-database': {
      const isKept = problem.refusal === 'unreadable' || problem.refusal === 'private';
      return complain(program, `${problem.path}: ${problem.message}`, isKept ? EXIT.systemCall : EXIT.invalid);
    }
    case 'busy':
      return complainAboutBusy(program, problem);
    case 'cancelled':
      return complain(program, 'given up before anything was done', EXIT.failed);
    default:
      return problem satisfies never;
  }
}
