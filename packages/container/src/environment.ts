/** An environment, byte for byte: names are ASCII, values need not be text. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

export class Environment {
  readonly #entries = new Map<string, Buffer>();

  /** `bytes`: in the form of /proc/PID/environ. What has no `=` is dropped; of two with one name the first counts, as for getenv(3). */
  constructor(bytes: Uint8Array) {
    for (const entry of Buffer.from(bytes).toString('latin1').split('\0')) {
      const end = entry.indexOf('=');
      if (end < 1) continue;
      const name = Buffer.from(entry.slice(0, end), 'latin1').toString();
      if (!this.#entries.has(name)) this.#entries.set(name, Buffer.from(entry.slice(end + 1), 'latin1'));
    }
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  get(name: string): string | undefined {
    return this.#entries.get(name)?.toString();
  }

  /** Values have no NUL. */
  /** Of a variable that is there. */
  bytesOf(name: string): Uint8Array {
    return this.#entries.get(name) ?? new Uint8Array();
  }

  set(name: string, value: string | Uint8Array): void {
    this.#entries.set(name, Buffer.from(value as string));
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }

  copy(): Environment {
    return new Environment(this.bytes());
  }

  /** In the form of /proc/PID/environ. */
  bytes(): Uint8Array {
    const entries = [...this.#entries].map(([name, value]) => Buffer.concat([Buffer.from(`${name}=`), value, NUL]));
    return Buffer.concat(entries);
  }
}

const NUL = Buffer.from([0]);

/** What every program looks for, whatever is kept of the rest. */
const ALWAYS_KEPT = ['PATH'];

/** Only what has one of these names. */
export function keepOnly(environment: Environment, names: readonly string[]): void {
  const kept = new Set([...ALWAYS_KEPT, ...names]);
  for (const name of environment.names) if (!kept.has(name)) environment.delete(name);
}

const SUFFIX = '_FILE';
/** Where container engines put secrets: what points there is meant to be read. */
const SECRETS = /^(?:\/var)?\/run\/secrets\//;
/** In bytes. */
const LARGEST_SECRET = 1024 * 1024;

/**
 * `NAME_FILE=/run/secrets/x` becomes NAME with what is in that file, without a last newline; elsewhere than in /run/secrets only for
 * NAMEs in `named`. A NAME that is set stays as it is. Returns what could not be read, for people; of no secret more than its place.
 */
export function readSecrets(environment: Environment, named: readonly string[]): string[] {
  const complaints: string[] = [];
  for (const variable of environment.names) {
    if (!variable.endsWith(SUFFIX)) continue;
    const name = variable.slice(0, -SUFFIX.length);
    const path = environment.get(variable)!;
    if (name === '' || environment.has(name) || !(named.includes(name) || SECRETS.test(path))) continue;
    try {
      environment.set(name, readSecret(path));
      environment.delete(variable);
    } catch (error) {
      complaints.push(
        `${variable}: unable to read ${path}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`,
      );
    }
  }
  return complaints;
}

function readSecret(path: string): Uint8Array {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error('it is no file');
    if (stats.size > LARGEST_SECRET) throw new Error('it is larger than 1 MiB');
    const bytes = readFileSync(descriptor);
    if (bytes.includes(0)) throw new Error('it has a NUL in it, which no variable can hold');
    return bytes.at(-1) === NEWLINE ? bytes.subarray(0, -1) : bytes;
  } finally {
    closeSync(descriptor);
  }
}

const NEWLINE = 10;
