/**
 * The changes that were asked for through the server: a directory in `LIVE/requests` for each, made before its id is told, so
 * that a server that was started again knows them, and whoever asked twice with one key has asked once.
 *
 *     requests/ID/request    what was asked for, JSON
 *     requests/ID/variables  of an instance, for `--env-file`: nothing of them is on a command line
 *     requests/ID/started/   made by the process that carries it out, and by no second one (runner.ts)
 *     requests/ID/pid        of the command that does it
 *     requests/ID/events     what that prints: a JSON object a line
 *     requests/ID/said       what it says besides
 *     requests/ID/exit       its exit status: it is over
 *     requests/keys/HASH     the ID that an Idempotency-Key was given
 */
import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, processFacts } from '@muster/posix/process';
import { readTextIfThere } from '@muster/posix/regular-file';
import { runtime } from '@muster/posix/runtime/runtime';

export interface AskedChange {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `start`, `update` and the like: the operation. */
  readonly verb: string;
  /** The command line that does it, without the executable, in the directory of the change. */
  readonly argv: readonly string[];
}

export interface AskedFor extends Pick<AskedChange, 'verb' | 'argv'> {
  readonly variables?: Readonly<Record<string, string>>;
}

export const VARIABLES_FILE = 'variables';

/** `lost`: it was begun, and its process is no more, and did not say how it ended. */
export type ChangeState = 'waiting' | 'running' | 'done' | 'lost';

export interface KeptChange extends AskedChange {
  readonly state: ChangeState;
  /** As of a command; null until it is done. */
  readonly exit: number | null;
}

/** So many that are over are remembered. */
const MOST = 1000;
const ID = /^[0-9a-z]{8,12}-[0-9a-f]{12}$/;

export class KeptChanges {
  readonly #directory: string;

  constructor(root: string) {
    this.#directory = join(root, 'requests');
    mkdirSync(join(this.#directory, 'keys'), { recursive: true, mode: 0o700 });
  }

  directoryOf(id: string): string {
    return join(this.#directory, id);
  }

  /** Written down. With a `key` that was given before: the change of then, or null if that is another one. */
  ask({ verb, argv, variables }: AskedFor, key: string | null): AskedChange | null {
    const asked = { id: newId(), at: Date.now(), verb, argv };
    const staged = join(this.#directory, `.new-${asked.id}`);
    mkdirSync(staged, { mode: 0o700 });
    writeFileSync(join(staged, 'request'), `${JSON.stringify(asked)}\n`, { mode: 0o600 });
    if (variables !== undefined) writeFileSync(join(staged, VARIABLES_FILE), variablesText(variables), { mode: 0o600 });
    const known = key === null ? null : this.#claim(key, asked.id);
    if (known !== null) {
      const before = this.#requestOf(known);
      if (before !== null) {
        rmSync(staged, { recursive: true });
        return before.verb === verb && JSON.stringify(before.argv) === JSON.stringify(argv) ? before : null;
      }
      // The server died between the key and the change: it is this one, under the id that the key has.
      const again = { ...asked, id: known };
      writeFileSync(join(staged, 'request'), `${JSON.stringify(again)}\n`);
      renameSync(staged, this.directoryOf(known));
      return again;
    }
    renameSync(staged, this.directoryOf(asked.id));
    this.#forget();
    return asked;
  }

  /** Null if there is none. */
  find(id: string): KeptChange | null {
    const asked = ID.test(id) ? this.#requestOf(id) : null;
    if (asked === null) return null;
    const exit = readTextIfThere(join(this.directoryOf(id), 'exit'));
    if (exit !== null) return { ...asked, state: 'done', exit: Number.parseInt(exit, 10) };
    if (!existsSync(join(this.directoryOf(id), 'started'))) return { ...asked, state: 'waiting', exit: null };
    if (this.processOf(id) !== null || this.#isBeginning(id)) return { ...asked, state: 'running', exit: null };
    // It may have ended since.
    const late = readTextIfThere(join(this.directoryOf(id), 'exit'));
    return { ...asked, state: late === null ? 'lost' : 'done', exit: late === null ? null : Number.parseInt(late, 10) };
  }

  /** The latest first. */
  all(): KeptChange[] {
    return readdirSync(this.#directory)
      .filter((name) => ID.test(name))
      .sort()
      .reverse()
      .flatMap((id) => this.find(id) ?? []);
  }

  /** The command that carries it out, while it runs. */
  processOf(id: string): { readonly pid: number; readonly startTime: number } | null {
    const [pid, startTime] = (readTextIfThere(join(this.directoryOf(id), 'pid')) ?? '').split(' ').map(Number);
    return pid && startTime && isRunning(pid, startTime) ? { pid, startTime } : null;
  }

  eventsPath(id: string): string {
    return join(this.directoryOf(id), 'events');
  }

  eventsOf(id: string): string {
    return readTextIfThere(this.eventsPath(id)) ?? '';
  }

  saidOf(id: string): string {
    return readTextIfThere(join(this.directoryOf(id), 'said')) ?? '';
  }

  /** Between the shell and its command there is a moment without a pid. */
  #isBeginning(id: string): boolean {
    const shell = Number(readTextIfThere(join(this.directoryOf(id), 'started/shell')) ?? '0');
    return shell > 0
      ? processFacts(shell) !== null
      : Date.now() - statSync(join(this.directoryOf(id), 'started')).mtimeMs < 2000;
  }

  #requestOf(id: string): AskedChange | null {
    const text = readTextIfThere(join(this.directoryOf(id), 'request'));
    return text === null ? null : (JSON.parse(text) as AskedChange);
  }

  /** Null if the key is this change's from now on; else whose it is. */
  #claim(key: string, id: string): string | null {
    const path = join(this.#directory, 'keys', Buffer.from(runtime.sha256(Buffer.from(key))).toString('hex'));
    const own = join(this.#directory, 'keys', `.${id}`);
    writeFileSync(own, id, { mode: 0o600 });
    try {
      linkSync(own, path);
      return null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return readTextIfThere(path);
    } finally {
      rmSync(own, { force: true });
    }
  }

  #forget(): void {
    const over = this.all().filter(({ state }) => state === 'done' || state === 'lost');
    for (const { id } of over.slice(MOST)) rmSync(this.directoryOf(id), { recursive: true, force: true });
  }
}

function variablesText(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\0`)
    .join('');
}

/** In the order of time. */
function newId(): string {
  const chance = Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString('hex');
  return `${Date.now().toString(36)}-${chance}`;
}
