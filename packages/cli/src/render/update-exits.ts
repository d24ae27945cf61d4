/** The exit status of an update that cannot be planned: s6-rc-update's classes. */
import type { UpdateProblem } from '@muster/core/plan/update/problem';
import { EXIT } from '../exit-codes.ts';

/** The first problem decides: at it, one that stops at the first would have stopped. */
export function exitOfProblems([first]: readonly UpdateProblem[]): number {
  switch (first?.kind) {
    case undefined:
      return EXIT.success;
    case 'unknown-old-service':
      return EXIT.unknownName;
    case 'undefined-new-service':
      return EXIT.invalid;
    case 'old-is-a-bundle':
      return EXIT.refused;
    case 'listed-twice':
    case 'two-become-one':
    case 'one-becomes-two':
      return EXIT.busy;
    case 'unknown-keyword':
    case 'conversion-syntax':
      return EXIT.usage;
  }
}
