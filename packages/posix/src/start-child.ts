/**
 * The C text of how a child is started. What happens between clone(2) and execve(2) happens in this process's memory: nothing
 * but system calls may be done there, and JavaScript cannot be kept to that.
 *
 * It includes nothing and calls nothing by name: libc's functions come as addresses, in the first cells of a job.
 */

/** Of system calls. */
const NUMBERS = {
  x64: {
    RT_SIGACTION: 13,
    RT_SIGPROCMASK: 14,
    EXECVE: 59,
    WAIT4: 61,
    FCNTL: 72,
    CHDIR: 80,
    SETSID: 112,
    EXIT_GROUP: 231,
    UNSHARE: 272,
    DUP3: 292,
    PRLIMIT64: 302,
    CLOSE_RANGE: 436,
  },
  arm64: {
    DUP3: 24,
    FCNTL: 25,
    CHDIR: 49,
    EXIT_GROUP: 94,
    UNSHARE: 97,
    RT_SIGACTION: 134,
    RT_SIGPROCMASK: 135,
    SETSID: 157,
    EXECVE: 221,
    WAIT4: 260,
    PRLIMIT64: 261,
    CLOSE_RANGE: 436,
  },
} as const;

/** Of 64 bits each: what a job is made of. After these come MOST_DESCRIPTORS times the cells of a PAIR. */
const CELLS = [
  // Functions of libc: syscall, clone, __errno_location.
  'SYSCALL',
  'CLONE',
  'ERRNO',
  // Where the child's stack ends.
  'STACK',
  // The lowest descriptor that the child is not to have.
  'ENOUGH',
  // One of /dev/null.
  'NOTHING',
  // Signals to be set to their default, as a mask.
  'RESET',
  // Signals that only this process holds back, as a mask.
  'HELD',
  // Soft limit of open files.
  'SOFT',
  // From here on those of one start, strings and vectors as execve has them.
  'PATH',
  'ARGV',
  'ENVIRONMENT',
  'DIRECTORY',
  // Of clone, besides those that are always there.
  'FLAGS',
  // Of descriptors.
  'COUNT',
  // Not 0 if a descriptor of the child has the number of a slot: then all are copied to numbers from this one on first.
  'ABOVE',
  // These two are written by the text: what failed, and the signal mask to be restored.
  'ERROR',
  'MASK',
] as const;

export const CELL = Object.fromEntries(CELLS.map((name, index) => [name, index])) as Readonly<
  Record<(typeof CELLS)[number], number>
>;
export const PAIRS = CELLS.length;
/** Our descriptor, the low one that stands for it during the start (a slot), the child's. */
export const CELLS_OF_A_PAIR = 3;
/** The standard ones, a lock, a notification, and some to spare. */
export const MOST_DESCRIPTORS = 8;
export const JOB_SIZE = PAIRS + MOST_DESCRIPTORS * CELLS_OF_A_PAIR;

/** `start_child` returns the pid, or the error as a negative number. Null for an architecture that nobody has tried. */
export function startChildText(architecture: string): string | null {
  if (architecture !== 'x64' && architecture !== 'arm64') return null;
  const constants = {
    ...CELL,
    PAIRS,
    MOST: MOST_DESCRIPTORS,
    ...Object.fromEntries(Object.entries(NUMBERS[architecture]).map(([name, number]) => [`NR_${name}`, number])),
  };
  const defines = Object.entries(constants).map(([name, value]) => `#define ${name} ${value}\n`);
  return `${defines.join('')}${TEXT}`;
}

const TEXT = `
#define O_CLOEXEC 0x80000L
#define F_DUPFD_CLOEXEC 1030L
#define SIG_SETMASK 2L
#define SIGNALS 64
#define SIGNALS_SIZE 8L
#define RLIMIT_NOFILE 7L
#define CLOSE_RANGE_UNSHARE 2L
#define CLONE_FILES 0x400
/* CLONE_VM, CLONE_VFORK, and SIGCHLD when it ends. */
#define ALWAYS (0x100 | CLONE_FILES | 0x4000 | 17)

typedef long (*call_t)(long number, ...);
typedef int (*clone_t)(int (*run)(void *), void *stack, int flags, void *job, ...);
typedef int *(*errno_t)(void);

static long own(long *job, long i) { return job[PAIRS + 3 * i]; }
static long slot(long *job, long i) { return job[PAIRS + 3 * i + 1]; }
static long childs(long *job, long i) { return job[PAIRS + 3 * i + 2]; }
static long error(long *job) { return *((errno_t)job[ERRNO])(); }

static int child(void *given) {
  long *job = given;
  call_t call = (call_t)job[SYSCALL];
  long from[MOST];
  long nothing[4];
  long limit[2];
  long mask;
  long i;
  nothing[0] = nothing[1] = nothing[2] = nothing[3] = 0;
  for (i = 1; i <= SIGNALS; i++)
    if ((job[RESET] >> (i - 1)) & 1) call(NR_RT_SIGACTION, i, nothing, 0L, SIGNALS_SIZE);
  call(NR_SETSID);
  /* From here on the descriptors are its own. */
  if (call(NR_CLOSE_RANGE, job[ENOUGH], 0xffffffffL, CLOSE_RANGE_UNSHARE) < 0 && call(NR_UNSHARE, (long)CLONE_FILES) < 0)
    goto failed;
  if (call(NR_CHDIR, job[DIRECTORY]) < 0) goto failed;
  for (i = 0; i < job[COUNT]; i++) {
    from[i] = slot(job, i);
    if (job[ABOVE] && (from[i] = call(NR_FCNTL, from[i], F_DUPFD_CLOEXEC, job[ABOVE])) < 0) goto failed;
  }
  for (i = 0; i < job[COUNT]; i++)
    if (call(NR_DUP3, from[i], childs(job, i), 0L) < 0) goto failed;
  if (call(NR_PRLIMIT64, 0L, RLIMIT_NOFILE, 0L, limit) < 0) goto failed;
  if (limit[0] != job[SOFT]) {
    limit[0] = job[SOFT];
    if (call(NR_PRLIMIT64, 0L, RLIMIT_NOFILE, limit, 0L) < 0) goto failed;
  }
  mask = job[MASK] & ~job[HELD];
  call(NR_RT_SIGPROCMASK, SIG_SETMASK, &mask, 0L, SIGNALS_SIZE);
  call(NR_EXECVE, job[PATH], job[ARGV], job[ENVIRONMENT]);
failed:
  job[ERROR] = error(job);
  call(NR_EXIT_GROUP, 127L);
  return 127;
}

int start_child(long *job) {
  call_t call = (call_t)job[SYSCALL];
  long all = -1;
  int pid = -1;
  long i;
  job[ERROR] = 0;
  for (i = 0; i < job[COUNT] && !job[ERROR]; i++)
    if (call(NR_DUP3, own(job, i), slot(job, i), O_CLOEXEC) < 0) job[ERROR] = error(job);
  if (!job[ERROR]) {
    /* No handler of ours may run in the child. */
    call(NR_RT_SIGPROCMASK, SIG_SETMASK, &all, job + MASK, SIGNALS_SIZE);
    pid = ((clone_t)job[CLONE])(child, (void *)job[STACK], (int)(ALWAYS | job[FLAGS]), job);
    if (pid < 0) job[ERROR] = error(job);
    else if (job[ERROR]) call(NR_WAIT4, (long)pid, 0L, 0L, 0L);
    call(NR_RT_SIGPROCMASK, SIG_SETMASK, job + MASK, 0L, SIGNALS_SIZE);
  }
  for (i = 0; i < job[COUNT]; i++) call(NR_DUP3, job[NOTHING], slot(job, i), O_CLOEXEC);
  return job[ERROR] ? (int)-job[ERROR] : pid;
}
`;
