/** Bun, with `bun:ffi`. */

import { cc, dlopen, type FFIFunction, type Pointer, ptr, read, toArrayBuffer } from 'bun:ffi';
import { closeSync, writeSync } from 'node:fs';
import type { Chunks, Declarations, Functions, Runtime } from './runtime.ts';

const ERRNO = { __errno_location: { args: [], returns: 'ptr' } } as const;
let errnoLocation: Pointer | undefined;

function load<D extends Declarations>(library: string, declarations: D): Functions<D> {
  // Before anything fails: loading it then would leave another errno.
  errnoLocation ??= dlopen(library, ERRNO).symbols.__errno_location() as Pointer;
  // That a type may be called `i64_fast` is missing in Bun's own types.
  return dlopen(library, declarations as unknown as Record<string, FFIFunction>).symbols as unknown as Functions<D>;
}

const COMPILING = {
  memfd_create: { args: ['ptr', 'u32'], returns: 'i32' },
  setenv: { args: ['ptr', 'ptr', 'i32'], returns: 'i32' },
} as const;
const MFD_CLOEXEC = 1;

/**
 * Bun has TinyCC in it, which compiles into memory. It reads the text from a path, and would first write headers that nobody
 * includes to a directory in /tmp whose name anybody can guess: so it is told of a place where there can be none.
 */
function compile<D extends Declarations>(library: string, text: string, declarations: D): Functions<D> | null {
  const { memfd_create, setenv } = dlopen(library, COMPILING).symbols;
  setenv(Buffer.from('BUN_TMPDIR\0'), Buffer.from('/dev/null/none\0'), 1);
  const source = memfd_create(Buffer.from('c\0'), MFD_CLOEXEC);
  if (source < 0) return null;
  try {
    writeSync(source, text);
    const symbols = declarations as unknown as Record<string, FFIFunction>;
    return cc({ source: `/proc/self/fd/${source}`, flags: '-nostdlib', symbols }).symbols as unknown as Functions<D>;
  } catch {
    return null;
  } finally {
    closeSync(source);
  }
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
  compile,
  errno: () => (errnoLocation === undefined ? 0 : read.i32(errnoLocation, 0)),
  addressOf: (memory) => ptr(memory),
  memoryAt: (address, length) => toArrayBuffer(address as Pointer, 0, length),
  chunksOf,
  collectGarbage: () => Bun.gc(true),
  expectMuchWork: () => Bun.unsafe.setJITPolicy(1),
  sha256,
  quickHash: (content, seed) => Bun.hash.wyhash(content, seed),
  columnsOf: (text) => Bun.stringWidth(text),
};
