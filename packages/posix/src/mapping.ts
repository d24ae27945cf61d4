/** Files as memory that the kernel shares with whoever writes them. */
import { closeSync } from 'node:fs';
import { errno, libc, SystemError } from './libc.ts';
import { openRegular } from './regular-file.ts';
import { runtime } from './runtime/runtime.ts';

const PROT_READ = 1;
const MAP_SHARED = 1;
const MAP_FAILED = -1;

/** A file as memory, until it is closed. */
export interface Mapping {
  readonly bytes: Uint8Array;
  /** Nothing may look at `bytes` any more. */
  close(): void;
}

/**
 * For looking only. What other processes write shows in it at once. Not by `Bun.mmap`, which opens for writing as well, and
 * takes a backslash in a path for a slash. Throws NotAFile, SystemError or ErrnoException.
 */
export function mapFile(path: string): Mapping {
  const { descriptor, stats } = openRegular(path);
  try {
    const { size } = stats;
    if (size === 0) return { bytes: new Uint8Array(), close: () => {} };
    const address = libc().mmap(0, size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (address === MAP_FAILED) throw new SystemError('mmap', errno(), path);
    let isOpen = true;
    const close = () => {
      if (isOpen) libc().munmap(address, size);
      isOpen = false;
    };
    return { bytes: new Uint8Array(runtime.memoryAt(address, size)), close };
  } finally {
    closeSync(descriptor);
  }
}
