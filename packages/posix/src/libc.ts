/**
 * The libc calls that Bun lacks, loaded once and when first needed. Everything else in this package gives them types
 * and errors; nothing outside of this package loads libc.
 */
import { dlopen, type Pointer, read } from 'bun:ffi';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';

const SYMBOLS = {
  __errno_location: { args: [], returns: 'ptr' },
  fcntl: { args: ['i32', 'i32', 'usize'], returns: 'i32' },
  isatty: { args: ['i32'], returns: 'i32' },
  flock: { args: ['i32', 'i32'], returns: 'i32' },
  mkfifo: { args: ['cstring', 'u32'], returns: 'i32' },
  openat: { args: ['i32', 'ptr', 'i32', 'u32'], returns: 'i32' },
  readlinkat: { args: ['i32', 'ptr', 'ptr', 'usize'], returns: 'i64' },
  statx: { args: ['i32', 'ptr', 'i32', 'u32', 'ptr'], returns: 'i32' },
  close: { args: ['i32'], returns: 'i32' },
  read: { args: ['i32', 'ptr', 'usize'], returns: 'i64' },
  tee: { args: ['i32', 'i32', 'usize', 'u32'], returns: 'i64' },
  pipe2: { args: ['ptr', 'i32'], returns: 'i32' },
  epoll_create1: { args: ['i32'], returns: 'i32' },
  epoll_ctl: { args: ['i32', 'i32', 'i32', 'ptr'], returns: 'i32' },
  epoll_wait: { args: ['i32', 'ptr', 'i32', 'i32'], returns: 'i32' },
  mmap: { args: ['u64', 'u64', 'i32', 'i32', 'i32', 'i64'], returns: 'i64' },
  madvise: { args: ['u64', 'u64', 'i32'], returns: 'i32' },
  ioctl: { args: ['i32', 'u64', 'ptr'], returns: 'i32' },
  kill: { args: ['i32', 'i32'], returns: 'i32' },
  getpgid: { args: ['i32'], returns: 'i32' },
  poll: { args: ['ptr', 'u64', 'i32'], returns: 'i32' },
  execve: { args: ['ptr', 'ptr', 'ptr'], returns: 'i32' },
  signal: { args: ['i32', 'u64'], returns: 'u64' },
  dlsym: { args: ['u64', 'ptr'], returns: 'u64' },
  waitpid: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  clock_gettime: { args: ['i32', 'ptr'], returns: 'i32' },
  getrlimit: { args: ['i32', 'ptr'], returns: 'i32' },
  setrlimit: { args: ['i32', 'ptr'], returns: 'i32' },
  inotify_init1: { args: ['i32'], returns: 'i32' },
  inotify_add_watch: { args: ['i32', 'cstring', 'u32'], returns: 'i32' },
  unshare: { args: ['i32'], returns: 'i32' },
  setns: { args: ['i32', 'i32'], returns: 'i32' },
  syscall: { args: ['i64', 'i64', 'i64', 'i64', 'i64'], returns: 'i64' },
  posix_spawn: { args: ['ptr', 'ptr', 'ptr', 'ptr', 'ptr', 'ptr'], returns: 'i32' },
  posix_spawn_file_actions_init: { args: ['ptr'], returns: 'i32' },
  posix_spawn_file_actions_destroy: { args: ['ptr'], returns: 'i32' },
  posix_spawn_file_actions_adddup2: { args: ['ptr', 'i32', 'i32'], returns: 'i32' },
  posix_spawn_file_actions_addchdir_np: { args: ['ptr', 'ptr'], returns: 'i32' },
  posix_spawnattr_init: { args: ['ptr'], returns: 'i32' },
  posix_spawnattr_setflags: { args: ['ptr', 'i16'], returns: 'i32' },
  posix_spawnattr_setsigdefault: { args: ['ptr', 'ptr'], returns: 'i32' },
} as const;

/** Not among node:fs's constants. The flags of the same name of pipe2, epoll_create1 and inotify_init1 have this value too. */
export const O_CLOEXEC = 0o2000000;

type Libc = ReturnType<typeof dlopen<typeof SYMBOLS>>['symbols'];

let loaded: Libc | undefined;

export function libc(): Libc {
  loaded ??= dlopen(libcPath(), SYMBOLS).symbols;
  return loaded;
}

export function libcPath(): string {
  const musl = `/lib/ld-musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`;
  return existsSync(musl) && !existsSync('/lib64/ld-linux-x86-64.so.2') ? musl : 'libc.so.6';
}

/** The calling thread's errno, to be asked for right after a call that failed. */
export function errno(): number {
  return read.i32(libc().__errno_location() as Pointer, 0);
}

/** A system call failed. */
export class SystemError extends Error {
  override readonly name = 'SystemError';

  constructor(
    readonly call: string,
    readonly errno: number,
    readonly path?: string,
  ) {
    super(`${call}${path === undefined ? '' : ` ${path}`}: ${errnoName(errno)}`);
  }

  get code(): string {
    return errnoName(this.errno);
  }
}

function errnoName(number: number): string {
  for (const [name, value] of Object.entries(constants.errno)) if (value === number) return name;
  return `errno ${number}`;
}
