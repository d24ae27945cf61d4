/**
 * `.rc-svscan/children`: what a later life of the tree must know to adopt what this one started. A slot a service, each
 * change one small write to a file that is kept open.
 *
 * A start is written before it happens, so that a process which was started just before the tree was killed is looked
 * for (adoption.ts) instead of being started twice.
 */

import { invariant } from '@muster/core/invariant';
import { isSignalTarget } from '@muster/posix/signals';
import {
  decodeSlot,
  encodeSlot,
  KILL_AT,
  NAME_LENGTH,
  SLOT_HEAD,
  SLOT_SIZE,
  type Slot,
} from '@muster/protocol/children-file';
import type { Files, SlotFile } from './system/system.ts';

const NAME_ROOM = KILL_AT - SLOT_HEAD;

export class ChildrenFile {
  readonly #file: SlotFile;
  readonly #byName = new Map<string, number>();
  readonly #free: number[] = [];
  #slots = 0;
  readonly #bytes = Buffer.alloc(SLOT_SIZE);
  readonly #found = new Map<string, Slot>();
  /** Of the services of this life. */
  readonly #pids = new Map<string, number>();

  constructor(
    readonly path: string,
    files: Pick<Files, 'openSlots'>,
  ) {
    this.#file = files.openSlots(path);
    const { bytes } = this.#file;
    for (; (this.#slots + 1) * SLOT_SIZE <= bytes.length; this.#slots++) {
      const found = decodeSlot(bytes.subarray(this.#slots * SLOT_SIZE, (this.#slots + 1) * SLOT_SIZE));
      if (found === null || this.#byName.has(found.name)) this.#free.push(this.#slots);
      else {
        this.#byName.set(found.name, this.#slots);
        this.#found.set(found.name, found.slot);
      }
    }
  }

  /** What an earlier life left behind about `name`. Undefined means nothing. */
  inherited(name: string): Slot | undefined {
    return this.#found.get(name);
  }

  /** Of every process that a slot names; not of one that has died, whose pid its own `finish` may have. */
  pids(): ReadonlySet<number> {
    const inherited = [...this.#found.values()].map(livingIn);
    return new Set([...inherited, ...this.#pids.values()]);
  }

  /** Throws InvariantBroken rather than let a later life signal what is nobody's. */
  write(name: string, slot: Slot): void {
    invariant(isSound(slot), () => `the children file was to say of ${name}: ${JSON.stringify(slot)}`);
    this.#pids.set(name, livingIn(slot));
    const index = this.#byName.get(name);
    if (index === undefined) {
      this.#found.delete(name);
      this.#claim(name, slot);
    } else {
      encodeSlot(slot, this.#bytes);
      if (slot.dying) this.#file.write(this.#bytes, KILL_AT, 8, index * SLOT_SIZE + KILL_AT);
      // The length of the name, which ends the head, stays as it is.
      this.#file.write(this.#bytes, 0, NAME_LENGTH, index * SLOT_SIZE);
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
    this.#file.write(this.#bytes, 0, SLOT_SIZE, index * SLOT_SIZE);
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
      this.#file.write(this.#bytes, NAME_LENGTH, KILL_AT - NAME_LENGTH, index * SLOT_SIZE + NAME_LENGTH);
    }
  }

  /** Directories that got another name while no tree was there: `present` tells the inodes that there are now, by name. */
  followRenames(present: () => ReadonlyMap<string, number>): void {
    if (this.#found.size === 0) return;
    const inodes = present();
    const names = new Map([...inodes].map(([name, inode]) => [inode, name]));
    const renames = [...this.#found].flatMap(([name, { inode }]) => {
      const now = names.get(inode);
      return inode === 0 || now === undefined || inodes.get(name) === inode ? [] : [[name, now] as const];
    });
    this.rename(renames);
  }

  close(): void {
    this.#file.close();
  }

  #claim(name: string, slot: Slot): void {
    const index = this.#free.pop() ?? this.#slots++;
    this.#byName.set(name, index);
    this.#bytes.fill(0);
    encodeSlot(slot, this.#bytes);
    this.#writeName(name);
    this.#file.write(this.#bytes, 0, SLOT_SIZE, index * SLOT_SIZE);
  }

  #writeName(name: string): void {
    this.#bytes.writeUInt16LE(this.#bytes.write(name, SLOT_HEAD, NAME_ROOM, 'utf8'), NAME_LENGTH);
  }
}

/** The pid of the process that a slot names; 0 if it names none that lives. */
function livingIn({ phase, pid }: Slot): number {
  return phase === 'starting-finish' ? 0 : pid;
}

/** Who runs has a pid and a start time; for whom `finish` is to be started had a pid; of nobody else one is written. */
function isSound({ phase, pid, startTime, asked, dying }: Slot): boolean {
  const isTarget = isSignalTarget(pid);
  switch (phase) {
    case 'run':
      return isTarget && startTime > 0 && (asked || !dying);
    case 'finish':
      return isTarget && startTime > 0 && !asked && !dying;
    case 'starting-finish':
      return isTarget && !asked && !dying;
    case 'starting-run':
    case 'idle':
      return pid === 0 && !asked && !dying;
    case 'free':
      return false;
  }
}
