/**
 * The set of instances that belongs to one database: the file `instances` beside it, for everybody to read, with the SHA-256
 * of what follows in its first line. It is replaced as a whole, by who holds the lock of instances (lock-file.ts). Their
 * records are in `instance-state`, a state file that only grows while its database is live.
 *
 * Variables may be secrets: they are in files of `environments/`, for their owner alone, named by nothing but chance.
 */
import { closeSync, constants, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Variables } from '@muster/core/instances/instance-definition';
import { type InstanceSet, NO_INSTANCES } from '@muster/core/instances/instance-set';
import { instanceServiceOf } from '@muster/core/instances/overlay';
import type { Database, ServiceId } from '@muster/core/model/database';
import { BLANK_RECORD } from '@muster/core/model/record';
import type { Range } from '@muster/posix/lock';
import { openRegular, readRegularText, readTextIfThere } from '@muster/posix/regular-file';
import { replaceFile } from '@muster/posix/replace-file';
import { runtime } from '@muster/posix/runtime/runtime';
import { byteOf, byteOfKey, KEYS } from './lock-file.ts';
import { INSTANCES_FILE, type LivePaths } from './paths.ts';
import { Damaged } from './problem.ts';
import { RECORD_SIZE } from './record-codec.ts';
import { encodeState, STATE_HEAD, STATE_MODE } from './state.ts';

/** Throws Damaged if the file is not what was written. */
export function readInstances(path: string): InstanceSet {
  const text = readTextIfThere(path);
  if (text === null) return NO_INSTANCES;
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  if (text.slice(0, end) !== digestOf(body)) throw new Damaged(path, 'this is not a set of instances');
  return JSON.parse(body) as InstanceSet;
}

/** Replaces the file in one step. */
export function writeInstances(path: string, set: InstanceSet): void {
  replaceFile(path, encodeInstances(set), { policy: 'atomic', mode: 0o644 });
}

export function encodeInstances(set: InstanceSet): string {
  const body = `${JSON.stringify(set)}\n`;
  return `${digestOf(body)}\n${body}`;
}

function digestOf(text: string): string {
  return Buffer.from(runtime.sha256(Buffer.from(text))).toString('hex');
}

/** Room for a service's record, in which nothing has been done yet. The file is made if it is missing. */
export function blankRecords(path: string, slots: readonly number[]): void {
  if (!existsSync(path)) writeFileSync(path, encodeState([]), { mode: STATE_MODE });
  const { descriptor } = openRegular(path, { flags: constants.O_WRONLY });
  try {
    const blank = encodeState([BLANK_RECORD]).subarray(STATE_HEAD);
    for (const slot of slots) writeSync(descriptor, blank, 0, RECORD_SIZE, STATE_HEAD + slot * RECORD_SIZE);
  } finally {
    closeSync(descriptor);
  }
}

/** Where the lock file has each service of a database that has a set laid over it. */
export function lockedAt({
  database,
  instances,
}: {
  readonly database: Pick<Database, 'names'>;
  readonly instances: InstanceSet;
}): (service: ServiceId) => Range {
  return (service) => {
    const own = instanceServiceOf(database, instances, service);
    return own === undefined ? byteOf(service) : byteOfKey(own.key);
  };
}

/** A key that no service of `set` has, and by chance no one had before. */
export function newKey({ services }: Pick<InstanceSet, 'services'>): number {
  for (;;) {
    const [low = 0, high = 0] = crypto.getRandomValues(new Uint32Array(2));
    const key = ((high % 2 ** 8) * 2 ** 32 + low) % KEYS;
    if (services.every((service) => service.key !== key)) return key;
  }
}

/** Slots that are free again are used only when there are so many: who looked before them goes on looking. */
const IDLE_SLOTS = 4096;

/** The places of the next `count` records. */
export function freeSlots({ services }: Pick<InstanceSet, 'services'>, count: number): number[] {
  const taken = new Set(services.map(({ slot }) => slot));
  const end = services.reduce((most, { slot }) => Math.max(most, slot + 1), 0);
  const isRoomy = end - taken.size >= IDLE_SLOTS;
  const slots: number[] = [];
  for (let slot = isRoomy ? 0 : end; slots.length < count; slot++) if (!taken.has(slot)) slots.push(slot);
  return slots;
}

/** Keeps variables; returns the name under which they are. Null for none. */
export function keepVariables({ environments }: Pick<LivePaths, 'environments'>, variables: Variables): string | null {
  if (variables.length === 0) return null;
  const name = crypto.randomUUID();
  writeVariables({ environments }, name, variables);
  return name;
}

export function writeVariables(
  { environments }: Pick<LivePaths, 'environments'>,
  name: string,
  variables: Variables,
): void {
  mkdirSync(environments, { recursive: true, mode: 0o700 });
  replaceFile(join(environments, name), `${JSON.stringify(variables)}\n`, { policy: 'atomic', mode: 0o600 });
}

/** Throws what the system says: they are for their owner alone. */
export function readVariables({ environments }: Pick<LivePaths, 'environments'>, name: string | null): Variables {
  return name === null ? [] : (JSON.parse(readRegularText(join(environments, name))) as Variables);
}

/** Removes those that no set of any database names any more. */
export function forgetVariables({ environments, databases }: Pick<LivePaths, 'environments' | 'databases'>): void {
  if (!existsSync(environments)) return;
  const named = new Set(
    readdirSync(databases).flatMap((hash) =>
      readInstances(join(databases, hash, INSTANCES_FILE)).services.map(({ environment }) => environment),
    ),
  );
  for (const name of readdirSync(environments)) if (!named.has(name)) rmSync(join(environments, name), { force: true });
}
