/** The five sets of capabilities of this process, as names, and what makes them what they were. See capabilities(7). */
import { rawCall } from './raw-calls.ts';
import { Snapshot } from './snapshot.ts';

/** By their numbers. */
const NAMES = (
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service ' +
  'net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin ' +
  'sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override ' +
  'mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'
).split(' ');

const PR_CAPBSET_DROP = 24;
const PR_CAP_AMBIENT = 47;
const [AMBIENT_RAISE, AMBIENT_LOWER] = [2, 3];
const VERSION_3 = 0x20080522;

/** As /proc/self/status calls them. */
export type CapabilitySet = 'CapInh' | 'CapPrm' | 'CapEff' | 'CapBnd' | 'CapAmb';

/** A line each. */
export function namesOf(set: ReadonlySet<number>): string {
  return [...set].map((capability) => `cap_${NAMES[capability] ?? capability}`).join('\n');
}

function numbersOf(names: string): Set<number> {
  if (names === '') return new Set();
  return new Set(
    names.split('\n').map((name) => {
      const word = name.slice('cap_'.length);
      return NAMES.includes(word) ? NAMES.indexOf(word) : Number(word);
    }),
  );
}

/** What is there too much is dropped. Throws SystemError. */
export function limitBoundingSet(names: string): void {
  const wanted = numbersOf(names);
  for (const capability of setNow('CapBnd')) {
    if (!wanted.has(capability)) rawCall('prctl', PR_CAPBSET_DROP, capability);
  }
}

/** Throws SystemError if one of them cannot be had. */
export function setAmbient(names: string): void {
  const wanted = numbersOf(names);
  const now = setNow('CapAmb');
  for (const capability of now) {
    if (!wanted.has(capability)) rawCall('prctl', PR_CAP_AMBIENT, AMBIENT_LOWER, capability);
  }
  for (const capability of wanted) {
    if (!now.has(capability)) rawCall('prctl', PR_CAP_AMBIENT, AMBIENT_RAISE, capability);
  }
}

/** As many of them as can be had. Throws SystemError. */
export function setCapabilities(which: 'CapInh' | 'CapPrm' | 'CapEff', names: string): void {
  const sets = { CapInh: setNow('CapInh'), CapPrm: setNow('CapPrm'), CapEff: setNow('CapEff') };
  const wanted = numbersOf(names);
  const permitted = which === 'CapPrm' ? intersection(wanted, sets.CapPrm) : sets.CapPrm;
  const inheritable = which === 'CapInh' ? intersection(wanted, union(sets.CapPrm, sets.CapInh)) : sets.CapInh;
  const effective = intersection(which === 'CapEff' ? wanted : sets.CapEff, permitted);
  const header = Uint32Array.of(VERSION_3, 0);
  const words = [0, 32].flatMap((from) => [effective, permitted, inheritable].map((set) => wordOf(set, from)));
  rawCall('capset', header, Uint32Array.from(words));
}

function setNow(name: CapabilitySet): ReadonlySet<number> {
  return new Snapshot().set(name) ?? new Set();
}

function wordOf(set: ReadonlySet<number>, from: number): number {
  let word = 0;
  for (const bit of set) if (bit >= from && bit < from + 32) word += 2 ** (bit - from);
  return word;
}

function intersection(one: ReadonlySet<number>, other: ReadonlySet<number>): Set<number> {
  return new Set([...one].filter((each) => other.has(each)));
}

function union(one: ReadonlySet<number>, other: ReadonlySet<number>): Set<number> {
  return new Set([...one, ...other]);
}
