/**
 * FIFOs that take what services write. Some services run as other users, and all may open their output again, as /dev/stdout:
 * for that the kernel asks for a right to write the FIFO itself, whoever had it open before. So everybody may write it, nobody
 * but its owner read it, and its directory lets nobody in who was not given a descriptor.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { ensureFifo } from './fifo.ts';

const PIPE = 0o622;
const DIRECTORY = 0o700;

/** Makes it, with what is missing above it, or closes it to others. Throws ErrnoException. */
export function makePipesDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: DIRECTORY });
  chmodSync(path, DIRECTORY);
}

/** In such a directory. One that is there stays. Throws SystemError or ErrnoException. */
export function ensurePipe(path: string): void {
  ensureFifo(path, PIPE);
  // Whatever the umask is.
  chmodSync(path, PIPE);
}
