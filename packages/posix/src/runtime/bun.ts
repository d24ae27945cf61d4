/** Bun, with `bun:ffi`. */
import { dlopen, type FFIFunction, FFIType, type Pointer, ptr, read, toArrayBuffer } from 'bun:ffi';
import type { Chunks, Declaration, Functions, Runtime } from './runtime.ts';

const ARGUMENT = {
  short: FFIType.i16,
  int: FFIType.i32,
  unsigned: FFIType.u32,
  long: FFIType.i64,
  memory: FFIType.ptr,
} as const;
/** The fast one gives a number where others give a bigint: `Functions` has nothing that is greater. */
const RESULT = { int: FFIType.i32, long: FFIType.i64_fast } as const;

const ERRNO = { __errno_location: { args: [], returns: FFIType.ptr } } as const;
let errnoLocation: Pointer | undefined;

function load<const D extends Readonly<Record<string, Declaration>>>(library: string, declarations: D): Functions<D> {
  // Before anything fails: loading it then would leave another errno.
  errnoLocation ??= dlopen(library, ERRNO).symbols.__errno_location() as Pointer;
  const plain: Record<string, FFIFunction> = {};
  const renamed: [name: string, symbol: string, FFIFunction][] = [];
  for (const [name, { symbol, args, returns }] of Object.entries(declarations)) {
    const signature = { args: args.map((type) => ARGUMENT[type]), returns: RESULT[returns] };
    if (symbol === undefined) plain[name] = signature;
    else renamed.push([name, symbol, signature]);
  }
  const functions: Record<string, unknown> = { ...dlopen(library, plain).symbols };
  for (const [name, symbol, signature] of renamed)
    functions[name] = dlopen(library, { [symbol]: signature }).symbols[symbol];
  return functions as Functions<D>;
}

function chunksOf(descriptor: number): Chunks {
  const reader = Bun.file(descriptor).stream().getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? null : value;
    },
    cancel: () => reader.cancel(),
  };
}

function sha256(...parts: Uint8Array[]): Uint8Array {
  const hasher = new Bun.CryptoHasher('sha256');
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}

export const bun: Runtime = {
  load,
  errno: () => (errnoLocation === undefined ? 0 : read.i32(errnoLocation, 0)),
  addressOf: (memory) => ptr(memory),
  memoryAt: (address, length) => toArrayBuffer(address as Pointer, 0, length),
  chunksOf,
  collectGarbage: () => Bun.gc(true),
  sha256,
  quickHash: (content, seed) => Bun.hash.wyhash(content, seed),
  columnsOf: (text) => Bun.stringWidth(text),
};
