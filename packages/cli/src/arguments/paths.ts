/**
 * Where things are unless an option says otherwise: for root in the system's places, for anybody else in places of
 * their own. RC_SOURCE, RC_COMPILED, RC_LIVE and RC_INSTANCES come before these.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { findFallback } from '@muster/store/live/fallback';
import type { Call } from './command.ts';

export function sourcePath(): string {
  return chosen('RC_SOURCE', '/etc/rc/source', () => `${home('XDG_CONFIG_HOME', '.config')}/rc/source`);
}

export function compiledPath(): string {
  return chosen('RC_COMPILED', '/etc/rc/compiled', () => `${home('XDG_STATE_HOME', '.local/state')}/rc/compiled`);
}

/** Where instances are kept over a boot: beside the file from which that begins. */
export function keptInstancesPath(compiled = compiledPath()): string {
  return resolve(process.env.RC_INSTANCES || `${dirname(compiled)}/instances`);
}

/** The directory that a database belongs in unless a command line says otherwise is made; one that it says must be there. */
export function makeUsualPlace(compiled: string): void {
  if (compiled === compiledPath()) mkdirSync(dirname(compiled), { recursive: true, mode: 0o755 });
}

export function livePath(): string {
  const usual = chosen('RC_LIVE', LIVE, () => `${process.env.XDG_RUNTIME_DIR || `/run/user/${uid()}`}/rc`);
  return process.env.RC_LIVE || existsSync(usual) ? usual : (containersLive() ?? usual);
}

const LIVE = '/run/rc';

/**
 * Where rc-container has made it (container/places.ts), whose choice somebody who enters the container is not told: this user's, or that of
 * who process 1 runs as. Null if there is none.
 */
function containersLive(): string | null {
  if (statSync(LIVE, { throwIfNoEntry: false })?.uid === uid()) return LIVE;
  const first = statSync('/proc/1', { throwIfNoEntry: false })?.uid;
  return findFallback(first === undefined ? [uid()] : [uid(), first]);
}

/** The live directory that a call is about. */
export function rootOf(call: Call): string {
  return resolve(call.value('live') ?? livePath());
}

function chosen(variable: string, system: string, own: () => string): string {
  return process.env[variable] || (uid() === 0 ? system : own());
}

function home(variable: string, otherwise: string): string {
  return process.env[variable] || `${process.env.HOME || '/'}/${otherwise}`;
}

function uid(): number {
  return process.getuid?.() ?? 0;
}
