/** What manual pages say of each exit status. */
import type { EXIT } from './exit-codes.ts';

export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  success: 'what was asked for has happened, or is so',
  failed: 'it did not happen, or not all of it; or a difference or a failure was found',
  timedOut: 'a timeout ended it',
  unknownName: 'a name that nothing has',
  invalid: 'the database or the live directory is damaged, or is none',
  refused: 'refused: essential, in conflict, a plan that is out of date, or it would wait for itself',
  busy: 'somebody else is at it',
  rolledBack: 'an update ended before the new database was live, and all is as it was',
  rolledBackOnTimeout: 'the same, because of its timeout',
  usage: 'wrong usage',
  systemCall: 'the system refused something',
};
