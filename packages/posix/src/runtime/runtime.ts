/**
 * What is needed of a JavaScript runtime beyond the language and the `node:` modules. Only this folder names a runtime: for
 * another one (Node with koffi) write one more file like bun.ts, and choose it here.
 */
import { bun } from './bun.ts';

/** Bytes that a C function reads or writes. They must stay reachable for as long as it may do so. */
export type Memory = Uint8Array | Uint32Array | Int32Array | BigUint64Array | BigInt64Array | DataView;

/** `ptr` is a view whose bytes C gets the address of, or null. */
export type ArgumentType = 'i16' | 'i32' | 'u32' | 'i64' | 'ptr';

/** The names are those of bun:ffi, which reads them as they are: to translate them would take a part of every command's start. */
export interface Declaration {
  readonly args: readonly ArgumentType[];
  /** `i64_fast` is an i64 that fits into a number. */
  readonly returns: 'i32' | 'i64_fast';
}

export type Declarations = Readonly<Record<string, Declaration>>;

type Argument<T extends ArgumentType> = T extends 'ptr' ? Memory | null : T extends 'i64' ? number | bigint : number;
type Arguments<A extends readonly ArgumentType[]> = { -readonly [I in keyof A]: Argument<A[I]> };

/** The declared functions as they are called. */
export type Functions<D extends Declarations> = {
  readonly [N in keyof D]: (...args: Arguments<D[N]['args']>) => number;
};

/** Bytes as they come from a descriptor that never blocks. */
export interface Chunks {
  /** Resolves to null at the end, and after `cancel`. Rejects with ErrnoException. */
  next(): Promise<Uint8Array | null>;
  /** Ends a `next` that waits, which would keep the process alive. The descriptor stays open. */
  cancel(): Promise<void>;
}

export interface Runtime {
  /** Functions of a shared library. Throws if it lacks one of them. */
  load<D extends Declarations>(library: string, declarations: D): Functions<D>;
  /**
   * Functions of a C text that includes nothing and calls nothing by name. `library`: libc. Null where no C can be compiled: who
   * asks must have another way.
   */
  compile<D extends Declarations>(library: string, text: string, declarations: D): Functions<D> | null;
  /** The calling thread's errno, to be asked for right after a loaded function has failed. */
  errno(): number;
  /** Where the bytes of a view are, for a C structure that points to them. */
  addressOf(memory: Memory): number;
  /** The bytes at an address, which must stay mapped. */
  memoryAt(address: number, length: number): ArrayBuffer;
  chunksOf(descriptor: number): Chunks;
  /** Now, and to the end. */
  collectGarbage(): void;
  /**
   * Lets the compilers of the engine begin as early as they do by themselves. In the executable they wait much longer
   * (scripts/build.ts): most commands are over before compiled code has paid for itself.
   */
  expectMuchWork(): void;
  /** The hash of all `parts` one after the other. `node:crypto` would take 8 ms of a command's start. */
  sha256(...parts: Uint8Array[]): Uint8Array;
  /** 64 bits that tell apart what differs by chance, not what somebody has chosen. */
  quickHash(content: Uint8Array | string, seed?: bigint): bigint;
  /** How many columns of a terminal a text takes. */
  columnsOf(text: string): number;
}

export const runtime: Runtime = bun;
