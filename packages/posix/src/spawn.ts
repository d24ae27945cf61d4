/**
 * Starting children, with posix_spawn(3) or with C of our own (native-start.ts): in a session of their own, with exactly what
 * this process was started with (limits, environment, signal mask), and with signals that Bun ignores set back to their
 * default. All our own descriptors are close-on-exec, so a child has what `descriptors` names and what this process itself
 * inherited.
 */
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { originalEnvironment } from './environment.ts';
import { heldMask, signalSet } from './held-signals.ts';
import { errno, libc, SystemError } from './libc.ts';
import { type Limit, openFilesLimit, setOpenFilesLimit } from './limits.ts';
import { NativeStart } from './native-start.ts';
import { copyDescriptor } from './pipe.ts';
import { signalsOfStatus } from './signals.ts';
import { cString, type Vector, vector } from './strings.ts';

const FLAG_SETPGROUP = 0x02;
const FLAG_SIGDEF = 0x04;
const FLAG_SIGMASK = 0x08;
const FLAG_SETSID = 0x80;
/** At least as large as glibc's and musl's. */
const ATTRIBUTES_SIZE = 512;
const ACTIONS_SIZE = 256;
const SIGSET_SIZE = 128;
const SIG_DFL = 0;
const CLONE_NEWPID = 0x20000000;

/** Bun ignores these. */
export const IGNORED_BY_BUN: readonly number[] = [constants.signals.SIGPIPE, constants.signals.SIGXFSZ];
/** glibc lets children ignore the two signals that it keeps for itself, unless told otherwise. */
const IGNORED_BY_LIBC = [32, 33];

export interface Child {
  /** Absolute, or relative to `directory`. */
  readonly path: string;
  readonly argv: readonly (string | Uint8Array)[];
  readonly directory: string;
  /** Own descriptor to the child's. */
  readonly descriptors: readonly (readonly [own: number, childs: number])[];
  /** Added to the environment, or in place of what it has. */
  readonly environment?: Readonly<Record<string, string>>;
  /** It is process 1 of a new PID namespace, which takes a right (CAP_SYS_ADMIN). */
  readonly newPidNamespace?: boolean;
  /** Only the leader of a process group, in the session of this process: the terminal that controls that may be given to it. */
  readonly staysInSession?: boolean;
}

export class Spawner {
  readonly #attributes = attributesWith(FLAG_SETSID);
  readonly #attributesInSession = attributesWith(FLAG_SETPGROUP);
  readonly #environment: readonly Uint8Array[];
  readonly #environmentVector: Vector;
  readonly #pid = new Int32Array(1);
  #native: NativeStart | null = null;

  /** Children get `limit` of open files, and an environment in the form of /proc/PID/environ. Throws SystemError. */
  constructor(
    readonly limit: Limit,
    environment = originalEnvironment(),
  ) {
    this.#environment = entriesOf(environment);
    this.#environmentVector = vector(this.#environment);
  }

  /**
   * For a process that will have many descriptors, before it opens them: of those that are open now children get copies as ever,
   * of later ones none but what they are given, so that a start takes no longer the more there are. Where that cannot be, all
   * stays as it is.
   */
  prepareForMany(): void {
    this.#native ??= NativeStart.prepare(this.limit.soft, [...IGNORED_BY_BUN, ...IGNORED_BY_LIBC]);
  }

  /** Returns the pid. Throws SystemError: what posix_spawn says (ENOENT, EACCES, ENOEXEC, EAGAIN…). */
  spawn(child: Child): number {
    const path = cString(child.path);
    const argv = vector(child.argv.map(cString));
    const environment = child.environment === undefined ? this.#environmentVector : this.#with(child.environment);
    const directory = cString(child.directory);
    if (this.#native?.canPass(child.descriptors)) {
      const { descriptors, newPidNamespace = false } = child;
      const vectors = { argv: argv.pointers, environment: environment.pointers };
      const pid = this.#native.start({ path, ...vectors, directory, descriptors, newPidNamespace });
      if (pid < 0) throw new SystemError('posix_spawn', -pid, `${child.directory}/${child.path}`);
      return pid;
    }
    const copies: number[] = [];
    const actions = new Uint8Array(ACTIONS_SIZE);
    libc().posix_spawn_file_actions_init(actions);
    try {
      check('chdir', libc().posix_spawn_file_actions_addchdir_np(actions, directory), child.directory);
      for (const [own, childs] of outOfTheWay(child.descriptors, copies)) {
        check('dup2', libc().posix_spawn_file_actions_adddup2(actions, own, childs));
      }
      const attributes = child.staysInSession ? this.#attributesInSession : this.#attributes;
      const spawn = () => libc().posix_spawn(this.#pid, path, actions, attributes, argv.pointers, environment.pointers);
      const failed = this.#withLimit(child.newPidNamespace ? () => inNewPidNamespace(spawn) : spawn);
      check('posix_spawn', failed, `${child.directory}/${child.path}`);
      return this.#pid[0]!;
    } finally {
      libc().posix_spawn_file_actions_destroy(actions);
      for (const fd of copies) libc().close(fd);
    }
  }

  /** Becomes another program, with what a child would have. Returns only if that fails: SystemError is thrown. */
  become(path: string, argv: readonly (string | Uint8Array)[]): never {
    for (const signal of IGNORED_BY_BUN) libc().signal(signal, SIG_DFL);
    const words = vector(argv.map(cString));
    const failed = this.#withLimit(() => {
      libc().execve(cString(path), words.pointers, this.#environmentVector.pointers);
      return errno();
    });
    throw new SystemError('execve', failed, path);
  }

  #withLimit<T>(act: () => T): T {
    const own = openFilesLimit();
    if (own.soft === this.limit.soft) return act();
    setOpenFilesLimit({ soft: this.limit.soft, hard: own.hard });
    try {
      return act();
    } finally {
      setOpenFilesLimit(own);
    }
  }

  #with(added: Readonly<Record<string, string>>): Vector {
    const names = Object.keys(added).map((name) => `${name}=`);
    const kept = this.#environment.filter((entry) => !names.some((name) => startsWith(entry, name)));
    return vector([...kept, ...Object.entries(added).map(([name, value]) => cString(`${name}=${value}`))]);
  }
}

/** Throws SystemError. */
function attributesWith(flag: number): Uint8Array {
  const attributes = new Uint8Array(ATTRIBUTES_SIZE);
  const held = heldMask();
  check('posix_spawnattr_init', libc().posix_spawnattr_init(attributes));
  const defaults = signalSet([...IGNORED_BY_BUN, ...IGNORED_BY_LIBC]);
  check('posix_spawnattr_setsigdefault', libc().posix_spawnattr_setsigdefault(attributes, defaults));
  if (held !== 0n) {
    const blocked = new BigUint64Array(SIGSET_SIZE / 8);
    blocked[0] = signalsOfStatus('SigBlk') & ~held;
    check('posix_spawnattr_setsigmask', libc().posix_spawnattr_setsigmask(attributes, blocked));
  }
  const flags = FLAG_SIGDEF | flag | (held === 0n ? 0 : FLAG_SIGMASK);
  check('posix_spawnattr_setflags', libc().posix_spawnattr_setflags(attributes, flags));
  return attributes;
}

/** Only what is started meanwhile is in the new namespace, never this process. `act` does not throw. Throws SystemError. */
function inNewPidNamespace<T>(act: () => T): T {
  const own = openSync('/proc/self/ns/pid', 'r');
  try {
    if (libc().unshare(CLONE_NEWPID) === -1) throw new SystemError('unshare', errno());
    const result = act();
    if (libc().setns(own, CLONE_NEWPID) === -1) throw new SystemError('setns', errno());
    return result;
  } finally {
    closeSync(own);
  }
}

function entriesOf(bytes: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    if (end === -1) break;
    if (end > start) entries.push(bytes.subarray(start, end + 1));
    start = end + 1;
  }
  return entries;
}

/** A child's number may be a descriptor of ours that is still to be copied: such ones are copied to high numbers first. */
function outOfTheWay(
  descriptors: readonly (readonly [number, number])[],
  copies: number[],
): (readonly [number, number])[] {
  const highest = Math.max(2, ...descriptors.map(([, childs]) => childs));
  return descriptors.map(([own, childs]) => {
    if (own === childs || !descriptors.some(([, other]) => other === own)) return [own, childs] as const;
    const copy = copyDescriptor(own, highest + 1);
    copies.push(copy);
    return [copy, childs] as const;
  });
}

function startsWith(entry: Uint8Array, prefix: string): boolean {
  return Buffer.from(entry.buffer, entry.byteOffset, entry.length).subarray(0, prefix.length).toString() === prefix;
}

/** posix_spawn's functions return the error. */
function check(call: string, error: number, path?: string): void {
  if (error !== 0) throw new SystemError(call, error, path);
}
