/** Files as memory that the kernel shares with whoever writes them. */
import { type Pointer, toArrayBuffer } from 'bun:ffi';
import { closeSync } from 'node:fs';
import { errno, libc, SystemError } from './libc.ts';
import { openRegular } from './regular-file.ts';

const PROT_READ = 1;
const MAP_SHARED = 1;
const MAP_FAILED = -1n;
/** `Bun.mmap` opens for writing, which not everybody may who may read. */
const MAY_NOT_WRITE: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EROFS']);

/** For looking only. What other processes write shows in it at once. Throws NotAFile, SystemError or ErrnoException. */
export function mapFile(path: string): Uint8Array {
  closeSync(openRegular(path).descriptor);
  try {
    return Bun.mmap(path, { shared: true });
  } catch (error) {
    if (!MAY_NOT_WRITE.has((error as NodeJS.ErrnoException).code)) throw error;
    return mapForReading(path);
  }
}

function mapForReading(path: string): Uint8Array {
  const { descriptor: file, stats } = openRegular(path);
  try {
    const { size } = stats;
    if (size === 0) return new Uint8Array();
    const address = libc().mmap(0, size, PROT_READ, MAP_SHARED, file, 0);
    if (address === MAP_FAILED) throw new SystemError('mmap', errno(), path);
    return new Uint8Array(toArrayBuffer(Number(address) as Pointer, 0, size));
  } finally {
    closeSync(file);
  }
}
