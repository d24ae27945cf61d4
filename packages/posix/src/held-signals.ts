/**
 * Signals that wait until they are read from a descriptor, as signalfd(2) has it. While they wait they survive an exec, so a
 * process that executes itself again loses none; and the kernel keeps them even for process 1, for which it drops what nobody
 * handles. A real-time signal is one like any other here, which Bun's own handlers do not know.
 */
import { readSync } from 'node:fs';
import { errno, libc, SystemError } from './libc.ts';

/** glibc's and musl's sigset_t. */
const SET_SIZE = 128;
const SIG_BLOCK = 0;
const NON_BLOCKING_CLOSED_ON_EXEC = 0o2004000;
/** struct signalfd_siginfo; its first word is the signal. */
const INFO_SIZE = 128;

const held = new Set<number>();

/** From now on they wait. Children that `Spawner` starts afterwards have them as they were. Throws SystemError. */
export function holdSignals(signals: readonly number[]): void {
  for (const signal of signals) held.add(signal);
  if (libc().sigprocmask(SIG_BLOCK, signalSet(signals), null) === -1) throw new SystemError('sigprocmask', errno());
}

/** Bit `n - 1` is signal `n`. Children do not hold them. */
export function heldMask(): bigint {
  return [...held].reduce((mask, signal) => mask | (1n << BigInt(signal - 1)), 0n);
}

/** Reads held signals. */
export class HeldSignals {
  /** Can be read when one waits. */
  readonly descriptor: number;
  readonly #info = Buffer.alloc(INFO_SIZE * 8);

  /** Of those in `signals` that are held. Throws SystemError. */
  constructor(signals: readonly number[]) {
    this.descriptor = libc().signalfd(-1, signalSet(signals), NON_BLOCKING_CLOSED_ON_EXEC);
    if (this.descriptor === -1) throw new SystemError('signalfd', errno());
  }

  /** Those that have come, in no order; each once, however often it was sent. */
  read(): number[] {
    let length: number;
    try {
      length = readSync(this.descriptor, this.#info, 0, this.#info.length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return [];
      throw error;
    }
    const signals: number[] = [];
    for (let at = 0; at < length; at += INFO_SIZE) signals.push(this.#info.readUInt32LE(at));
    return signals;
  }
}

export function signalSet(signals: readonly number[]): Uint8Array {
  const set = new Uint8Array(SET_SIZE);
  for (const signal of signals) set[(signal - 1) >> 3]! |= 1 << ((signal - 1) & 7);
  return set;
}
