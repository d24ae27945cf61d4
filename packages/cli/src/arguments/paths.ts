/**
 * Where things are unless an option says otherwise: for root in the system's places, for anybody else in places of
 * their own. RC_SOURCE, RC_COMPILED and RC_LIVE come before these.
 */
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Call } from './command.ts';

export function sourcePath(): string {
  return chosen('RC_SOURCE', '/etc/rc/source', () => `${home('XDG_CONFIG_HOME', '.config')}/rc/source`);
}

export function compiledPath(): string {
  return chosen('RC_COMPILED', '/etc/rc/compiled', () => `${home('XDG_STATE_HOME', '.local/state')}/rc/compiled`);
}

/** The directory that a database belongs in unless a command line says otherwise is made; one that it says must be there. */
export function makeUsualPlace(compiled: string): void {
  if (compiled === compiledPath()) mkdirSync(dirname(compiled), { recursive: true, mode: 0o755 });
}

export function livePath(): string {
  return chosen('RC_LIVE', '/run/rc', () => `${process.env.XDG_RUNTIME_DIR || `/run/user/${uid()}`}/rc`);
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
