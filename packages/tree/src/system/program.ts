/**
 * How `run` and `finish` are executed. posix_spawn returns when the child has come to its exec, and the kernel opens an
 * interpreter within it: one on a file system that hangs would stop the whole tree. Where that can happen, a shell
 * executes them, and hangs instead. Elsewhere they are executed directly, so that one which cannot be is known at once.
 */
import { closeSync, constants, openSync, readlinkSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { executionOf } from '@muster/posix/interpreter';
import { fileSystemOf } from '@muster/posix/mounts';
import type { Program } from './system.ts';

/** The system does not work either when these hang. */
const OF_THE_SYSTEM = /^\/(?:usr\/)?s?bin\/[^/]+$/;
/** They answer from this machine's memory and disks; others (NFS, CIFS, FUSE, 9p) wait for somebody. */
const LOCAL: ReadonlySet<string> = new Set(
  'bcachefs btrfs devtmpfs erofs ext2 ext3 ext4 f2fs overlay ramfs rootfs squashfs tmpfs xfs zfs'.split(' '),
);
/** The kernel looks at so many bytes itself. */
const HEAD = 256;
const head = Buffer.alloc(HEAD);

/** `name` in the service directory, a child's working directory by then. */
export function programIn(directory: string, name: string, words: readonly string[]): Program {
  if (canHang(executedFor(directory, name)))
    return { path: '/bin/sh', argv: ['sh', '-c', 'exec "$0" "$@"', `./${name}`, ...words] };
  const [path, ...before] = executionOf(`${directory}/${name}`, `./${name}`);
  return before.length === 0
    ? { path: path!, argv: [name, ...words] }
    : { path: path!, argv: [path!, ...before, ...words] };
}

function canHang(program: string | null): boolean {
  return program !== null && !OF_THE_SYSTEM.test(program) && !LOCAL.has(fileSystemOf(program));
}

/** What the kernel opens besides `name`: its interpreter, or where it leads. Null means nothing, or executing it fails at once. */
function executedFor(directory: string, name: string): string | null {
  const path = `${directory}/${name}`;
  try {
    return /^#![ \t]*([^ \t\n]+)/.exec(beginning(path))?.[1] ?? null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ELOOP' ? resolve(directory, readlinkSync(path)) : null;
  }
}

/** Throws ELOOP for a symbolic link. */
function beginning(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    return head.toString('latin1', 0, readSync(file, head, 0, HEAD, 0));
  } finally {
    closeSync(file);
  }
}
