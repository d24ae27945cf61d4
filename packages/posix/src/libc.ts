/**
 * The libc calls that the runtime lacks, loaded once and when first needed. Everything else in this package gives them
 * names, structures and errors; nothing outside of this package loads libc.
 */
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { type Declaration, type Functions, runtime } from './runtime/runtime.ts';

const DECLARATIONS = {
  fcntl: { args: ['int', 'int', 'long'], returns: 'int' },
  fcntlFlock: { symbol: 'fcntl', args: ['int', 'int', 'memory'], returns: 'int' },
  isatty: { args: ['int'], returns: 'int' },
  flock: { args: ['int', 'int'], returns: 'int' },
  mkfifo: { args: ['memory', 'unsigned'], returns: 'int' },
  openat: { args: ['int', 'memory', 'int', 'unsigned'], returns: 'int' },
  readlinkat: { args: ['int', 'memory', 'memory', 'long'], returns: 'long' },
  statx: { args: ['int', 'memory', 'int', 'unsigned', 'memory'], returns: 'int' },
  close: { args: ['int'], returns: 'int' },
  read: { args: ['int', 'memory', 'long'], returns: 'long' },
  tee: { args: ['int', 'int', 'long', 'unsigned'], returns: 'long' },
  pipe2: { args: ['memory', 'int'], returns: 'int' },
  epoll_create1: { args: ['int'], returns: 'int' },
  epoll_ctl: { args: ['int', 'int', 'int', 'memory'], returns: 'int' },
  epoll_wait: { args: ['int', 'memory', 'int', 'int'], returns: 'int' },
  mmap: { args: ['long', 'long', 'int', 'int', 'int', 'long'], returns: 'long' },
  madvise: { args: ['long', 'long', 'int'], returns: 'int' },
  ioctl: { args: ['int', 'long', 'memory'], returns: 'int' },
  kill: { args: ['int', 'int'], returns: 'int' },
  getpgid: { args: ['int'], returns: 'int' },
  poll: { args: ['memory', 'long', 'int'], returns: 'int' },
  execve: { args: ['memory', 'memory', 'memory'], returns: 'int' },
  signal: { args: ['int', 'long'], returns: 'long' },
  dlsym: { args: ['long', 'memory'], returns: 'long' },
  waitpid: { args: ['int', 'memory', 'int'], returns: 'int' },
  clock_gettime: { args: ['int', 'memory'], returns: 'int' },
  getrlimit: { args: ['int', 'memory'], returns: 'int' },
  setrlimit: { args: ['int', 'memory'], returns: 'int' },
  inotify_init1: { args: ['int'], returns: 'int' },
  inotify_add_watch: { args: ['int', 'memory', 'unsigned'], returns: 'int' },
  unshare: { args: ['int'], returns: 'int' },
  setns: { args: ['int', 'int'], returns: 'int' },
  syscall: { args: ['long', 'long', 'long', 'long', 'long', 'long'], returns: 'long' },
  getdents64: { symbol: 'syscall', args: ['long', 'int', 'memory', 'long'], returns: 'long' },
  posix_spawn: { args: ['memory', 'memory', 'memory', 'memory', 'memory', 'memory'], returns: 'int' },
  posix_spawn_file_actions_init: { args: ['memory'], returns: 'int' },
  posix_spawn_file_actions_destroy: { args: ['memory'], returns: 'int' },
  posix_spawn_file_actions_adddup2: { args: ['memory', 'int', 'int'], returns: 'int' },
  posix_spawn_file_actions_addchdir_np: { args: ['memory', 'memory'], returns: 'int' },
  posix_spawnattr_init: { args: ['memory'], returns: 'int' },
  posix_spawnattr_setflags: { args: ['memory', 'short'], returns: 'int' },
  posix_spawnattr_setsigdefault: { args: ['memory', 'memory'], returns: 'int' },
} as const satisfies Readonly<Record<string, Declaration>>;

/** Not among node:fs's constants. The flags of the same name of pipe2, epoll_create1 and inotify_init1 have this value too. */
export const O_CLOEXEC = 0o2000000;

type Libc = Functions<typeof DECLARATIONS>;

let loaded: Libc | undefined;

export function libc(): Libc {
  loaded ??= runtime.load(libcPath(), DECLARATIONS);
  return loaded;
}

function libcPath(): string {
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
