/**
 * Starting children with C of our own (start-child.ts), because posix_spawn(3) copies all our descriptors into the child, and the
 * kernel closes them one after the other within its execve: with 1,000 services these are 2,500, and closing them takes
 * longer than everything else about a start. Here the child shares our descriptors until it lets go of all but the lowest
 * (close_range(2), Linux 5.9; before that it copies them all). What it is to have is put among these, into slots, for as
 * long as the start takes. Its limit is set in the child, never in this process.
 */
import { closeSync, constants, openSync, readdirSync, readFileSync } from 'node:fs';
import { constants as os } from 'node:os';
import { heldMask } from './held-signals.ts';
import { libc, libcPath } from './libc.ts';
import { copyDescriptor } from './pipe.ts';
import { type Memory, runtime } from './runtime/runtime.ts';
import { CELL, CELLS_OF_A_PAIR, JOB_SIZE, MOST_DESCRIPTORS, PAIRS, startChildText } from './start-child.ts';

const DECLARATIONS = { start_child: { args: ['ptr'], returns: 'i32' } } as const;
const STACK_SIZE = 65_536;
const CLONE_NEWPID = 0x20000000n;
const RTLD_DEFAULT = 0;

/** Signals 1 to 31: those for which this process may have a handler, now or later. */
const CLASSIC = 0x7fff_ffffn;
const UNCHANGEABLE = maskOf([os.signals.SIGKILL, os.signals.SIGSTOP]);

/** One start. Everything that is pointed to ends with NUL, or a NULL. */
export interface Start {
  readonly path: Memory;
  readonly argv: Memory;
  readonly environment: Memory;
  readonly directory: Memory;
  readonly descriptors: readonly (readonly [own: number, childs: number])[];
  readonly newPidNamespace: boolean;
}

export class NativeStart {
  readonly #start: (job: Memory) => number;
  readonly #job = new BigInt64Array(JOB_SIZE);
  readonly #stack = new Uint8Array(STACK_SIZE);
  readonly #slots: readonly number[];

  constructor(start: (job: Memory) => number, openFiles: bigint, ignored: readonly number[]) {
    this.#start = start;
    const nothing = openSync('/dev/null', constants.O_RDWR);
    this.#slots = Array.from({ length: MOST_DESCRIPTORS }, () => copyDescriptor(nothing, 0));
    const job = this.#job;
    job[CELL.SYSCALL] = addressOf('syscall');
    job[CELL.CLONE] = addressOf('clone');
    job[CELL.ERRNO] = addressOf('__errno_location');
    // It grows downwards, from a multiple of 16.
    job[CELL.STACK] = BigInt(runtime.addressOf(this.#stack) + STACK_SIZE) & ~15n;
    job[CELL.ENOUGH] = BigInt(Math.max(...readdirSync('/proc/self/fd').map(Number)) + 1);
    job[CELL.NOTHING] = BigInt(nothing);
    job[CELL.RESET] = BigInt.asIntN(64, signalsToReset(ignored));
    job[CELL.HELD] = BigInt.asIntN(64, heldMask());
    job[CELL.SOFT] = BigInt.asIntN(64, openFiles);
  }

  /**
   * Null where C cannot be compiled. Of descriptors that are open now children get copies until their exec, or for good unless they
   * are close-on-exec; of later ones they get none. `openFiles`: their soft limit. `ignored`: signals that this process ignores
   * and children do not.
   */
  static prepare(openFiles: bigint, ignored: readonly number[]): NativeStart | null {
    const text = startChildText(process.arch);
    const compiled = text === null ? null : runtime.compile(libcPath(), text, DECLARATIONS);
    return compiled === null ? null : new NativeStart(compiled.start_child, openFiles, ignored);
  }

  /** Whether a child can be given so many. */
  canPass(descriptors: readonly unknown[]): boolean {
    return descriptors.length <= MOST_DESCRIPTORS;
  }

  /** Returns the pid, or the error as a negative number. */
  start({ path, argv, environment, directory, descriptors, newPidNamespace }: Start): number {
    const job = this.#job;
    job[CELL.PATH] = BigInt(runtime.addressOf(path));
    job[CELL.ARGV] = BigInt(runtime.addressOf(argv));
    job[CELL.ENVIRONMENT] = BigInt(runtime.addressOf(environment));
    job[CELL.DIRECTORY] = BigInt(runtime.addressOf(directory));
    job[CELL.FLAGS] = newPidNamespace ? CLONE_NEWPID : 0n;
    job[CELL.COUNT] = BigInt(descriptors.length);
    let above = 0;
    for (const [index, [own, childs]] of descriptors.entries()) {
      const pair = PAIRS + index * CELLS_OF_A_PAIR;
      job[pair] = BigInt(own);
      // There are as many slots as `canPass` allows descriptors.
      job[pair + 1] = BigInt(this.#slots[index]!);
      job[pair + 2] = BigInt(childs);
      if (this.#slots.includes(childs))
        above = Math.max(...this.#slots, ...descriptors.map(([, number]) => number)) + 1;
    }
    job[CELL.ABOVE] = BigInt(above);
    return this.#start(job);
  }

  close(): void {
    for (const slot of this.#slots) closeSync(slot);
    closeSync(Number(this.#job[CELL.NOTHING]));
  }
}

/** All that have a handler, or may get one; exec would keep nothing but what is ignored. */
function signalsToReset(ignored: readonly number[]): bigint {
  const status = readFileSync('/proc/self/status', 'latin1');
  const mask = (name: string) => BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)`, 'm').exec(status)?.[1] ?? '0'}`);
  return ((CLASSIC & ~mask('SigIgn')) | mask('SigCgt') | maskOf(ignored)) & ~UNCHANGEABLE;
}

function maskOf(signals: readonly number[]): bigint {
  return signals.reduce((mask, signal) => mask | (1n << BigInt(signal - 1)), 0n);
}

function addressOf(name: string): bigint {
  return BigInt(libc().dlsym(RTLD_DEFAULT, Buffer.from(`${name}\0`)));
}
