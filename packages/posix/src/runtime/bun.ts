/** Bun, with `bun:ffi`. */
import { dlopen, type FFIFunction, type Pointer, ptr, read, toArrayBuffer } from 'bun:ffi';
import type { Chunks, Declarations, Functions, Runtime } from './runtime.ts';

const ERRNO = { __errno_location: { args: [], returns: 'ptr' } } as const;
let errnoLocation: Pointer | undefined;

function load<D extends Declarations>(library: string, declarations: D): Functions<D> {
  // Before anything fails: loading it then would leave another errno.
  errnoLocation ??= dlopen(library, ERRNO).symbols.__errno_location() as Pointer;
  // That a type may be called `i64_fast` is missing in Bun's own types.
  return dlopen(library, declarations as unknown as Record<string, FFIFunction>).symbols as unknown as Functions<D>;
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
