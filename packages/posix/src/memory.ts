/**
 * Giving memory back. A process that has started up has touched far more of its executable than it needs from then on,
 * and each page stays mapped, and counted, until the machine is short of memory.
 */
import { readFileSync } from 'node:fs';
import { libc } from './libc.ts';

const MADV_DONTNEED = 4;

/**
 * Unmaps the pages of read-only mappings of the executable. They are still in the page cache, and come back one by one
 * when they are touched. A mapping with pages of its own (relocated data) is left alone: those would be lost.
 */
export function releaseExecutable(): void {
  for (const mapping of readFileSync('/proc/self/smaps', 'latin1').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    const head = /^([0-9a-f]+)-([0-9a-f]+) (r-[x-]p) \S+ \S+ (\d+)/.exec(mapping);
    if (head === null || head[4] === '0') continue;
    if (!/^Anonymous: +0 kB/m.test(mapping) || !/^Private_Dirty: +0 kB/m.test(mapping)) continue;
    const start = BigInt(`0x${head[1]}`);
    libc().madvise(start, BigInt(`0x${head[2]}`) - start, MADV_DONTNEED);
  }
}
