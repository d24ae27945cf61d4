/** Errors for people, on standard error. Each function returns the exit code. */

import type { Busy } from '@muster/control/problems';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import type { Database } from '@muster/core/model/database';
import type { SupervisionObstacle } from '@muster/supervisors/supervisor-adapter';
import { EXIT } from '../exit-codes.ts';
import { tell, tellsInColor } from '../output.ts';
import { renderDiagnostics } from './diagnostics.ts';
import { unknownNameTexts } from './names.ts';

/** A live directory or database that cannot be used. */
export function complainAbout(diagnostic: Diagnostic): number {
  tell(renderDiagnostics([diagnostic], { color: tellsInColor() }));
  return EXIT.invalid;
}

/** `rc-init: no s6-svscan watches /run/service` */
export function complain(program: string, message: string, status: number): number {
  tell(`${program}: ${message}\n`);
  return status;
}

/** What keeps services from running under somebody else's supervisors, all of it. */
export function complainAboutObstacles(program: string, obstacles: readonly SupervisionObstacle[]): number {
  for (const obstacle of obstacles) tell(`${program}: ${obstacleText(obstacle)}\n`);
  return exitOfObstacles(obstacles);
}

export function obstacleText({ message, hint }: SupervisionObstacle): string {
  return `${message}\n  hint: ${hint}`;
}

export function exitOfObstacles(obstacles: readonly SupervisionObstacle[]): number {
  return obstacles.some(({ place }) => place === 'definition') ? EXIT.refused : EXIT.failed;
}

/** Somebody else is at it, and this command may not wait, or would wait for itself. */
export function complainAboutBusy(program: string, { holder, inside, late }: Busy): number {
  if (late) return complain(program, `time ran out while ${holder} kept the database: nothing was done`, EXIT.timedOut);
  if (inside === null) return complain(program, `${holder} is under way`, EXIT.busy);
  const message = `${holder} waits for ${inside}, inside of which this was called: it would wait for ever`;
  return complain(program, message, EXIT.refused);
}

/** Names that nothing has, all of them. */
export function complainAboutNames(program: string, unknown: readonly string[], database: Database): number {
  for (const text of unknownNameTexts(database, unknown)) tell(`${program}: ${text}\n`);
  return EXIT.unknownName;
}
