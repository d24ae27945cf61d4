/**
 * The libc calls that the runtime lacks, loaded once and when first needed. Everything else in this package gives them
 * names, structures and errors; nothing outside of this package loads libc.
 */
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { type Declarations, type Functions, runtime } from './runtime/runtime.ts';

const DECLARATIONS = {
  fcntl: { args: ['i32', 'i32', 'i64'], returns: 'i32' },
  isatty: { args: ['i32'], returns: 'i32' },
  flock: { args: ['i32', 'i32'], returns: 'i32' },
  mkfifo: { args: ['ptr', 'u32'], returns: 'i32' },
  openat: { args: ['i32', 'ptr', 'i32', 'u32'], returns: 'i32' },
  readlinkat: { args: ['i32', 'ptr', 'ptr', 'i64'], returns: 'i64_fast' },
  statx: { args: ['i32', 'ptr', 'i32', 'u32', 'ptr'], returns: 'i32' },
  close: { args: ['i32'], returns: 'i32' },
  read: { args: ['i32', 'ptr', 'i64'], returns: 'i64_fast' },
  tee: { args: ['i32', 'i32', 'i64', 'u32'], returns: 'i64_fast' },
  pipe2: { args: ['ptr', 'i32'], returns: 'i32' },
  epoll_create1: { args: ['i32'], returns: 'i32' },
  epoll_ctl: { args: ['i32', 'i32', 'i32', 'ptr'], returns: 'i32' },
  epoll_wait: { args: ['i32', 'ptr', 'i32', 'i32'], returns: 'i32' },
  mmap: { args: ['i64', 'i64', 'i32', 'i32', 'i32', 'i64'], returns: 'i64_fast' },
  munmap: { args: ['i64', 'i64'], returns: 'i32' },
  madvise: { args: ['i64', 'i64', 'i32'], returns: 'i32' },
  ioctl: { args: ['i32', 'i64', 'ptr'], returns: 'i32' },
  kill: { args: ['i32', 'i32'], returns: 'i32' },
  getpgid: { args: ['i32'], returns: 'i32' },
  poll: { args: ['ptr', 'i64', 'i32'], returns: 'i32' },
  execve: { args: ['ptr', 'ptr', 'ptr'], returns: 'i32' },
  signal: { args: ['i32', 'i64'], returns: 'i64_fast' },
  sigprocmask: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
  signalfd: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  dlsym: { args: ['i64', 'ptr'], returns: 'i64_fast' },
  waitpid: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  clock_gettime: { args: ['i32', 'ptr'], returns: 'i32' },
  getrlimit: { args: ['i32', 'ptr'], returns: 'i32' },
  setrlimit: { args: ['i32', 'ptr'], returns: 'i32' },
  inotify_init1: { args: ['i32'], returns: 'i32' },
  inotify_add_watch: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  unshare: { args: ['i32'], returns: 'i32' },
  setns: { args: ['i32', 'i32'], returns: 'i32' },
  syscall: { args: ['i64', 'i64', 'i64', 'i64', 'i64', 'i64'], returns: 'i64_fast' },
  posix_spawn: { args: ['ptr', 'ptr', 'ptr', 'ptr', 'ptr', 'ptr'], returns: 'i32' },
  posix_spawn_file_actions_init: { args: ['ptr'], returns: 'i32' },
  posix_spawn_file_actions_destroy: { args: ['ptr'], returns: 'i32' },
  posix_spawn_file_actions_adddup2: { args: ['ptr', 'i32', 'i32'], returns: 'i32' },
  posix_spawn_file_actions_addchdir_np: { args: ['ptr', 'ptr'], returns: 'i32' },
  posix_spawnattr_init: { args: ['ptr'], returns: 'i32' },
  posix_spawnattr_setflags: { args: ['ptr', 'i16'], returns: 'i32' },
  posix_spawnattr_setsigdefault: { args: ['ptr', 'ptr'], returns: 'i32' },
  posix_spawnattr_setsigmask: { args: ['ptr', 'ptr'], returns: 'i32' },
} as const satisfies Declarations;

/** The same functions with a pointer where others have a number. */
const WITH_POINTERS = {
  fcntl: { args: ['i32', 'i32', 'ptr'], returns: 'i32' },
  syscall: { args: ['i64', 'i32', 'ptr', 'i64'], returns: 'i64_fast' },
} as const satisfies Declarations;

/** Not among node:fs's constants. The flags of the same name of pipe2, epoll_create1 and inotify_init1 have this value too. */
export const O_CLOEXEC = 0o2000000;

let loaded: Functions<typeof DECLARATIONS> | undefined;
let loadedWithPointers: Functions<typeof WITH_POINTERS> | undefined;

export function libc(): Functions<typeof DECLARATIONS> {
  loaded ??= runtime.load(libcPath(), DECLARATIONS);
  return loaded;
}

export function libcWithPointers(): Functions<typeof WITH_POINTERS> {
  loadedWithPointers ??= runtime.load(libcPath(), WITH_POINTERS);
  return loadedWithPointers;
}

export function libcPath(): string {
  const musl = `/lib/ld-musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`;
  return existsSync(musl) && !existsSync('/lib64/ld-linux-x86-64.so.2') ? musl : 'libc.so.6';
}

/** The calling thread's errno, to be asked for right after a call that failed. */
export function errno(): number {
  return runtime.errno();
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
