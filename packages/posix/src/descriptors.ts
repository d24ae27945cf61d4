/** The descriptors that this process was started with. */
import { readdirSync, readlinkSync } from 'node:fs';
import { libc } from './libc.ts';

const F_SETFD = 2;
const FIRST = 3;

/**
 * Children inherit them again: Bun makes them close-on-exec when it starts. To be called before anything is opened; what
 * Bun itself has open by then are nameless things of the kernel (epoll, eventfd).
 */
export function passOnInheritedDescriptors(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const descriptor = Number(name);
    if (descriptor >= FIRST && isInherited(descriptor)) libc().fcntl(descriptor, F_SETFD, 0);
  }
}

function isInherited(descriptor: number): boolean {
  try {
    return !readlinkSync(`/proc/self/fd/${descriptor}`).startsWith('anon_inode:');
  } catch {
    // The one that listed the directory.
    return false;
  }
}
