/**
 * Everything that a child has from its parent besides its environment and descriptors, each as a name, a text that says what it
 * is now, and a way to make it what a text says. They are in the order in which they can be set: what changes others or needs a
 * right first, rights last. What has no `set` cannot be had back by anybody.
 */
import { writeFileSync } from 'node:fs';
import { libc } from '../libc.ts';
import { least, limitNow, setLimit } from '../limits.ts';
import { IGNORED_BY_BUN } from '../spawn.ts';
import { limitBoundingSet, namesOf, setAmbient, setCapabilities } from './capabilities.ts';
import { enterControlGroups, withoutNumbers } from './control-groups.ts';
import { rawCall } from './raw-calls.ts';
import { namespaceOf, readText, Snapshot } from './snapshot.ts';

export interface Trait {
  readonly name: string;
  /** Null if this kernel does not tell. Several lines are several things. */
  read(snapshot: Snapshot): string | null;
  /** Throws SystemError, ErrnoException, Error: why not. */
  readonly set?: (text: string) => void;
}

const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'time', 'user', 'uts'];
const POLICIES = ['SCHED_OTHER', 'SCHED_FIFO', 'SCHED_RR', 'SCHED_BATCH', '', 'SCHED_IDLE', 'SCHED_DEADLINE'];
const OPEN_FILES = 'Max open files';
const UNLIMITED = 2n ** 64n - 1n;
const [SIG_DFL, SIG_IGN, SIG_SETMASK] = [0, 1, 2];
/** In bytes. */
const SIGSET_SIZE = 8;
const IOPRIO_WHO_PROCESS = 1;
const [KEYCTL_GET_KEYRING_ID, KEYCTL_JOIN_SESSION_KEYRING, SESSION_KEYRING] = [0, 1, -3];
const PR_GET_SECUREBITS = 27;
const PR_SET_SECUREBITS = 28;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_SET_THP_DISABLE = 41;

/** Of the kernel at hand, which knows some limits or other. */
export function traitsOf(snapshot: Snapshot): Trait[] {
  return [
    ...NAMESPACES.map((kind) => ({ name: `${kind} namespace`, read: () => namespaceOf(kind) })),
    { name: 'security label', read: () => readText('/proc/self/attr/current') },
    { name: 'system call filters', read: (now) => now.status('Seccomp_filters') },
    { name: 'session keyring', read: sessionKeyring, set: leaveSessionKeyring },
    {
      name: 'control groups',
      read: () => mapped(readText('/proc/self/cgroup'), withoutNumbers),
      set: (text) => enterControlGroups(text.split('\n')),
    },
    fileTrait('oom_score_adj', '/proc/self/oom_score_adj'),
    fileTrait('timer slack', '/proc/self/timerslack_ns'),
    fileTrait('core dump filter', '/proc/self/coredump_filter'),
    fileTrait('audit login', '/proc/self/loginuid'),
    ...snapshot.limits().map(({ name }, resource) => limitTrait(name, resource)),
    {
      name: 'nice value',
      read: (now) => now.nice,
      set: (text) => rawCall('setpriority', 0, 0, Number(text)),
    },
    {
      name: 'scheduling',
      read: ({ scheduling }) =>
        scheduling && `${POLICIES[Number(scheduling.policy)] || scheduling.policy} ${scheduling.priority}`,
      set: (text) => {
        const [policy, priority] = text.split(' ');
        rawCall('sched_setscheduler', 0, POLICIES.indexOf(policy!), Int32Array.of(Number(priority)));
      },
    },
    {
      name: 'I/O priority',
      read: () => attempted(() => String(rawCall('ioprio_get', IOPRIO_WHO_PROCESS, 0))),
      set: (text) => rawCall('ioprio_set', IOPRIO_WHO_PROCESS, 0, Number(text)),
    },
    { name: 'CPU affinity', read: (now) => now.status('Cpus_allowed_list'), set: setAffinity },
    {
      name: 'personality',
      read: () => readText('/proc/self/personality'),
      set: (text) => rawCall('personality', Number.parseInt(text, 16)),
    },
    {
      name: 'transparent huge pages',
      read: (now) => now.status('THP_enabled'),
      set: (text) => rawCall('prctl', PR_SET_THP_DISABLE, text === '0' ? 1 : 0),
    },
    {
      name: 'umask',
      read: (now) => now.status('Umask'),
      set: (text) => process.umask(Number.parseInt(text, 8)),
    },
    { name: 'ignored signals', read: (now) => listOf(ignoredIn(now)), set: setIgnored },
    { name: 'blocked signals', read: (now) => mapped(now.set('SigBlk'), listOf), set: setBlocked },
    {
      name: 'supplementary groups',
      read: (now) => mapped(now.status('Groups'), (groups) => groups.replaceAll(' ', '\n')),
      set: (text) => {
        const groups = Uint32Array.from(linesOf(text), Number);
        rawCall('setgroups', groups.length, groups.length === 0 ? 0 : groups);
      },
    },
    {
      name: 'group',
      read: (now) => now.status('Gid'),
      set: (text) => {
        const [real, effective, saved] = text.split(' ').map(Number);
        rawCall('setresgid', real!, effective!, saved!);
      },
    },
    {
      name: 'capability bounding set',
      read: (now) => mapped(now.set('CapBnd'), namesOf),
      set: limitBoundingSet,
    },
    {
      name: 'securebits',
      read: () => attempted(() => String(rawCall('prctl', PR_GET_SECUREBITS))),
      set: (text) => rawCall('prctl', PR_SET_SECUREBITS, Number(text)),
    },
    {
      name: 'inheritable capabilities',
      read: (now) => mapped(now.set('CapInh'), namesOf),
      set: (text) => setCapabilities('CapInh', text),
    },
    { name: 'ambient capabilities', read: (now) => mapped(now.set('CapAmb'), namesOf), set: setAmbient },
    {
      name: 'permitted capabilities',
      read: (now) => mapped(now.set('CapPrm'), namesOf),
      set: (text) => setCapabilities('CapPrm', text),
    },
    {
      name: 'effective capabilities',
      read: (now) => mapped(now.set('CapEff'), namesOf),
      set: (text) => setCapabilities('CapEff', text),
    },
    {
      name: 'no new privileges',
      read: (now) => now.status('NoNewPrivs'),
      set: (text) => {
        if (text !== '1') throw new Error('once said, it holds for ever');
        rawCall('prctl', PR_SET_NO_NEW_PRIVS, 1);
      },
    },
  ];
}

function fileTrait(name: string, path: string): Trait {
  return { name, read: () => readText(path), set: (text) => writeFileSync(path, text, { flag: 'r+' }) };
}

/** Of open files the hard one: Bun has raised the soft one to that, and children get theirs by `Spawner`. */
function limitTrait(name: string, resource: number): Trait {
  return {
    name,
    read: (now) => {
      const limit = now.limits()[resource];
      if (limit === undefined) return null;
      return name === OPEN_FILES ? `${limit.hard} ${limit.hard}` : `${limit.soft} ${limit.hard}`;
    },
    set: (text) => {
      const [soft, hard] = text.split(' ').map(limitOf);
      try {
        setLimit(resource, { soft: soft!, hard: hard! });
      } catch (error) {
        // The hard limit is lower, and this user may not raise it: as near as can be.
        const own = limitNow(resource);
        setLimit(resource, { soft: least(soft!, own.hard), hard: least(hard!, own.hard) });
        throw error;
      }
    },
  };
}

function limitOf(text: string): bigint {
  return text === 'unlimited' ? UNLIMITED : BigInt(text);
}

function sessionKeyring(): string | null {
  return attempted(() => String(rawCall('keyctl', KEYCTL_GET_KEYRING_ID, SESSION_KEYRING, 0)));
}

/** A keyring without a name cannot be joined; but what is in that of somebody's login is not for services. */
function leaveSessionKeyring(): void {
  rawCall('keyctl', KEYCTL_JOIN_SESSION_KEYRING, 0);
  throw new Error('nobody can join it again, so this is a new one, and empty');
}

function setAffinity(list: string): void {
  const cpus = list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last! - first! + 1 }, (_, index) => first! + index);
  });
  const mask = new Uint8Array(8 * Math.ceil((Math.max(...cpus) + 1) / 64));
  for (const cpu of cpus) mask[cpu >> 3]! |= 1 << (cpu & 7);
  rawCall('sched_setaffinity', 0, mask.length, mask);
}

/** Without those that Bun ignores for itself, and children do not. */
function ignoredIn(now: Snapshot): ReadonlySet<number> {
  const ignored = now.set('SigIgn') ?? new Set<number>();
  return new Set([...ignored].filter((bit) => !IGNORED_BY_BUN.includes(bit + 1)));
}

/** Numbers of signals, a line each. Bits count from 0, signals from 1. */
function listOf(bits: ReadonlySet<number>): string {
  return [...bits].map((bit) => String(bit + 1)).join('\n');
}

function setIgnored(text: string): void {
  const wanted = new Set(linesOf(text).map(Number));
  const ignored = new Set(linesOf(listOf(ignoredIn(new Snapshot()))).map(Number));
  for (const signal of wanted) if (!ignored.has(signal)) libc().signal(signal, SIG_IGN);
  for (const signal of ignored) if (!wanted.has(signal)) libc().signal(signal, SIG_DFL);
}

function setBlocked(text: string): void {
  let mask = 0n;
  for (const signal of linesOf(text)) mask |= 1n << BigInt(Number(signal) - 1);
  rawCall('rt_sigprocmask', SIG_SETMASK, BigUint64Array.of(mask), 0, SIGSET_SIZE);
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

function mapped<T>(value: T | null, map: (value: T) => string): string | null {
  return value === null ? null : map(value);
}

function attempted(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
