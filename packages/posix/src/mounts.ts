/** What file system a path is on, found without touching it: one that hangs would hang whoever asks it. */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { hasChanged } from './poll.ts';

interface Mount {
  readonly point: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** The kernel tells when the table has changed, to who keeps it open. */
let kept: { readonly file: number; mounts: readonly Mount[] } | undefined;

/**
 * The type (`ext4`, `nfs4`, `fuse.sshfs`) of what is mounted where the absolute `path` is, symbolic links in it not
 * followed. Source: `/proc/self/mountinfo`, see proc(5). Throws what node:fs throws, or SystemError.
 */
export function fileSystemOf(path: string): string {
  return mountOf(path).type;
}

/** Whether nothing can be executed there, whatever its permissions. Throws likewise. */
export function isNoexec(path: string): boolean {
  return mountOf(path).options.includes('noexec');
}

function mountOf(path: string): Mount {
  let longest = 0;
  let found: Mount = { point: '', type: 'unknown', options: [] };
  // Of several on one directory the last is seen.
  for (const mount of mountsNow()) {
    if (mount.point.length < longest || !isWithin(path, mount.point)) continue;
    longest = mount.point.length;
    found = mount;
  }
  return found;
}

function mountsNow(): readonly Mount[] {
  if (kept !== undefined && !hasChanged(kept.file)) return kept.mounts;
  // Opened anew each time: so it is of this moment, and what changes from now on is told.
  if (kept !== undefined) closeSync(kept.file);
  kept = undefined;
  const file = openSync('/proc/self/mountinfo', 'r');
  try {
    const mounts = readFileSync(file, 'utf8').split('\n').flatMap(mountIn);
    kept = { file, mounts };
    return mounts;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function mountIn(line: string): Mount[] {
  const [mount, source] = line.split(' - ');
  if (source === undefined) return [];
  const fields = mount!.split(' ');
  const point = fields[4]!.replace(/\\(\d{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)));
  return [{ point, type: source.split(' ')[0]!, options: fields[5]!.split(',') }];
}

function isWithin(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}
