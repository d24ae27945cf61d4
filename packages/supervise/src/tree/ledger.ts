/**
 * `.rc-svscan/children`: what a later life of the tree must know to adopt what this one started. A slot a service, each
 * change one small write to a file that is kept open.
 *
 * A start is written before it happens, so that a process which was started just before the tree was killed is looked
 * for (adoption.ts) instead of being started twice.
 */
import { closeSync, constants, writeSync } from 'node:fs';
import { openOwn, readOpened, readRegular } from '@muster/posix/regular-file';

const SLOT_PHASES = ['free', 'idle', 'starting-run', 'run', 'starting-finish', 'finish'] as const;
export type SlotPhase = (typeof SLOT_PHASES)[number];

export interface Slot {
  readonly phase: SlotPhase;
  /** Of the service directory, its low 32 bits: by it a directory that got another name is known again. */
  readonly inode: number;
  readonly pid: number;
  /** Of the process: clock ticks after boot. While starting: the earliest that it can have. Idle: when the last one died. */
  readonly startTime: number;
  /** Of `run`, for `finish`. */
  readonly waitStatus: number;
  /** Asked to stop. */
  readonly dying: boolean;
  /** While dying: when it is killed. Milliseconds since boot; 0: never. */
  readonly killAt: number;
  /** Deaths in a row, for restart-delay. */
  readonly streak: number;
}

const SIZE = 320;
const HEAD = 40;
/** Behind the name, where trees that did not know it yet left zeros. */
const KILL_AT = SIZE - 8;
const NAME_ROOM = KILL_AT - HEAD;

export class Ledger {
  readonly #file: number;
  readonly #byName = new Map<string, number>();
  readonly #free: number[] = [];
  #slots = 0;
  readonly #bytes = Buffer.alloc(SIZE);
  readonly #found = new Map<string, Slot>();
  /** Of the services of this life. */
  readonly #pids = new Map<string, number>();

  constructor(readonly path: string) {
    const file = openOwn(path, { flags: constants.O_RDWR, mode: 0o600 });
    this.#file = file.descriptor;
    const bytes = readOpened(file, path);
    for (; (this.#slots + 1) * SIZE <= bytes.length; this.#slots++) {
      const slot = bytes.subarray(this.#slots * SIZE, (this.#slots + 1) * SIZE);
      const name = slot.toString('utf8', HEAD, HEAD + slot.readUInt16LE(36));
      const phase = SLOT_PHASES[slot[0]!];
      if (phase === undefined || phase === 'free' || name === '' || this.#byName.has(name))
        this.#free.push(this.#slots);
      else {
        this.#byName.set(name, this.#slots);
        this.#found.set(name, decode(slot, phase));
      }
    }
  }

  /** What an earlier life left behind about `name`. Undefined: nothing. */
  inherited(name: string): Slot | undefined {
    return this.#found.get(name);
  }

  /** Of every process that a slot names. */
  pids(): ReadonlySet<number> {
    const inherited = [...this.#found.values()].map(({ pid }) => pid);
    return new Set([...inherited, ...this.#pids.values()]);
  }

  write(name: string, slot: Slot): void {
    this.#pids.set(name, slot.pid);
    const index = this.#byName.get(name);
    if (index === undefined) {
      this.#found.delete(name);
      this.#claim(name, slot);
    } else {
      encode(slot, this.#bytes);
      if (slot.dying) writeSync(this.#file, this.#bytes, KILL_AT, 8, index * SIZE + KILL_AT);
      // The length of the name, which ends the head, stays as it is.
      writeSync(this.#file, this.#bytes, 0, 36, index * SIZE);
    }
  }

  release(name: string): void {
    const index = this.#byName.get(name);
    if (index === undefined) return;
    this.#byName.delete(name);
    this.#pids.delete(name);
    this.#found.delete(name);
    this.#free.push(index);
    this.#bytes.fill(0);
    writeSync(this.#file, this.#bytes, 0, SIZE, index * SIZE);
  }

  /** Services that have another name now; names may be swapped. */
  rename(renames: readonly (readonly [from: string, to: string])[]): void {
    const taken = renames.map(([from, to]) => {
      const entry = { to, index: this.#byName.get(from), pid: this.#pids.get(from), found: this.#found.get(from) };
      this.#byName.delete(from);
      this.#pids.delete(from);
      this.#found.delete(from);
      return entry;
    });
    for (const { to, index, pid, found } of taken) {
      if (pid !== undefined) this.#pids.set(to, pid);
      if (found !== undefined) this.#found.set(to, found);
      if (index === undefined) continue;
      this.#byName.set(to, index);
      this.#bytes.fill(0);
      this.#writeName(to);
      writeSync(this.#file, this.#bytes, 36, KILL_AT - 36, index * SIZE + 36);
    }
  }

  /** Directories that got another name while no tree was there: `inodes` are the present ones, by name. */
  followRenames(inodes: ReadonlyMap<string, number>): void {
    const names = new Map([...inodes].map(([name, inode]) => [inode, name]));
    const renames = [...this.#found].flatMap(([name, { inode }]) => {
      const now = names.get(inode);
      return inode === 0 || now === undefined || inodes.get(name) === inode ? [] : [[name, now] as const];
    });
    this.rename(renames);
  }

  close(): void {
    closeSync(this.#file);
  }

  #claim(name: string, slot: Slot): void {
    const index = this.#free.pop() ?? this.#slots++;
    this.#byName.set(name, index);
    this.#bytes.fill(0);
    encode(slot, this.#bytes);
    this.#writeName(name);
    writeSync(this.#file, this.#bytes, 0, SIZE, index * SIZE);
  }

  #writeName(name: string): void {
    this.#bytes.writeUInt16LE(this.#bytes.write(name, HEAD, NAME_ROOM, 'utf8'), 36);
  }
}

/** For who is not the tree: the processes in a ledger, whatever has become of it. */
export function recordedChildren(path: string): { readonly pid: number; readonly startTime: number }[] {
  let bytes: Buffer;
  try {
    bytes = readRegular(path);
  } catch {
    return [];
  }
  const children = [];
  for (let at = 0; at + SIZE <= bytes.length; at += SIZE) {
    const slot = bytes.subarray(at, at + SIZE);
    const phase = SLOT_PHASES[slot[0]!];
    if (phase === 'run' || phase === 'finish') children.push(decode(slot, phase));
  }
  return children;
}

function encode(slot: Slot, bytes: Buffer): void {
  bytes[0] = SLOT_PHASES.indexOf(slot.phase);
  bytes[1] = slot.dying ? 1 : 0;
  bytes.writeUInt32LE(slot.pid, 4);
  bytes.writeDoubleLE(slot.startTime, 8);
  bytes.writeUInt32LE(slot.waitStatus, 16);
  bytes.writeUInt32LE(slot.streak, 20);
  // Eight bytes that older trees read, and took for the time from which deaths count: all do.
  bytes.writeDoubleLE(0, 24);
  bytes.writeUInt32LE(slot.inode, 32);
  bytes.writeDoubleLE(slot.killAt, KILL_AT);
}

function decode(bytes: Buffer, phase: SlotPhase): Slot {
  return {
    phase,
    pid: bytes.readUInt32LE(4),
    startTime: bytes.readDoubleLE(8),
    waitStatus: bytes.readUInt32LE(16),
    dying: bytes[1] === 1,
    killAt: bytes[1] === 1 ? bytes.readDoubleLE(KILL_AT) : 0,
    streak: bytes.readUInt32LE(20),
    inode: bytes.readUInt32LE(32),
  };
}
