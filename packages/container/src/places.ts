/** Where source, compiled database and live directory of a container are. */
import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { failure, type Result, success } from '@muster/core/result';
import { liveIn, makeFallback } from '@muster/store/live/fallback';
import type { Environment } from './environment.ts';
import type { StartProblem } from './preparation.ts';

export interface Places {
  readonly source: string;
  readonly compiled: string;
  readonly live: string;
  /** A directory in RAM, or wherever the live directory is, that is this user's alone: for what is made before that. */
  readonly scratch: string;
  /** For people: why the live directory is not in its usual place; null if it is. */
  readonly choice: string | null;
}

const SOURCE = '/etc/rc/source';
const COMPILED = '/etc/rc/compiled';
const LIVE = '/run/rc';
const CANNOT_GO_ON = 111;

/** `live`: what an option says. Makes the directories above the live one. */
export function choosePlaces(environment: Environment, live: string | undefined): Result<Places, StartProblem> {
  const source = resolve(environment.get('RC_SOURCE') || SOURCE);
  const compiled = resolve(environment.get('RC_COMPILED') || COMPILED);
  const told = live ?? (environment.get('RC_LIVE') || undefined);
  if (told !== undefined) {
    const root = resolve(told);
    return canHold(dirname(root))
      ? success({ source, compiled, live: root, scratch: `${root}.made`, choice: null })
      : cannotGoOn(`${dirname(root)} cannot be written, where the live directory is to be`);
  }
  if (canHold(dirname(LIVE))) return success({ source, compiled, live: LIVE, scratch: `${LIVE}.made`, choice: null });
  const { directory, refused } = makeFallback(process.geteuid!());
  const foreign = refused.map((path) => `${path} is somebody else's, or open to others, and not used`).join('; ');
  if (directory === null)
    return cannotGoOn(
      `there is no place for a live directory: /run, /dev/shm, /tmp and /var/tmp cannot be written${foreign === '' ? '' : `; ${foreign}`}`,
    );
  const chosen = liveIn(directory);
  const choice = `/run cannot be written: the live directory is ${chosen}${foreign === '' ? '' : `; ${foreign}`}`;
  return success({ source, compiled, live: chosen, scratch: join(directory, 'made'), choice });
}

/** The parent of a live directory. */
function canHold(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    accessSync(directory, constants.W_OK | constants.X_OK);
    return statSync(directory).isDirectory();
  } catch {
    return false;
  }
}

function cannotGoOn(message: string) {
  return failure<StartProblem>({ status: CANNOT_GO_ON, message });
}
