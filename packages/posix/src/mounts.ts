/** What file system a path is on, found without touching it: one that hangs would hang whoever asks it. */
import { readFileSync } from 'node:fs';

/**
 * The type (`ext4`, `nfs4`, `fuse.sshfs`) of what is mounted where the absolute `path` is, symbolic links in it not
 * followed. Source: `/proc/self/mountinfo`, see proc(5). Throws what node:fs throws.
 */
export function fileSystemOf(path: string): string {
  let longest = 0;
  let found = 'unknown';
  // Of several on one directory the last is seen.
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [mount, source] = line.split(' - ');
    if (source === undefined) continue;
    const point = mount!
      .split(' ')[4]!
      .replace(/\\(\d{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)));
    if (point.length < longest || !isWithin(path, point)) continue;
    longest = point.length;
    found = source.split(' ')[0]!;
  }
  return found;
}

function isWithin(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}
