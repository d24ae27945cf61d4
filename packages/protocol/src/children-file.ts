/**
 * The format of `.rc-svscan/children`: what a later life of the tree must know to adopt what this one started, a slot of a
 * fixed size for each service.
 */
import { readRegular } from '@muster/posix/regular-file';

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
  /** Of `run`: it is to end, and was asked to, or is about to be. Its death is no failure. */
  readonly asked: boolean;
  /** It was asked to stop. */
  readonly dying: boolean;
  /** When it is killed, while it is dying, in milliseconds since boot; 0 means never. */
  readonly killAt: number;
  /** Deaths in a row, for restart-delay. */
  readonly streak: number;
  /** Deaths in a row before readiness, for start-retries. */
  readonly failedStarts: number;
}

/** Bytes of a slot. */
export const SLOT_SIZE = 320;
/** Bytes before the name, and where among them its length is. */
export const SLOT_HEAD = 40;
export const NAME_LENGTH = 36;
/** Behind the name, where trees that did not know it yet left zeros. */
export const KILL_AT = SLOT_SIZE - 8;
/** To a tree that does not know the second, nothing was asked of that process yet. */
const DYING = 1;
const ASKED = 2;

/** Sixteen bits, where trees that did not know them yet left zeros. */
const MOST_FAILED_STARTS = 0xffff;

/** The name in a slot, and what the slot says of it; null if it is free. */
export function decodeSlot(bytes: Buffer): { readonly name: string; readonly slot: Slot } | null {
  const phase = SLOT_PHASES[bytes[0]!];
  const name = bytes.toString('utf8', SLOT_HEAD, SLOT_HEAD + bytes.readUInt16LE(NAME_LENGTH));
  return phase === undefined || phase === 'free' || name === '' ? null : { name, slot: decode(bytes, phase) };
}

/** For who is not the tree: the processes in a children file, whatever has become of it. */
export function recordedChildren(path: string): { readonly pid: number; readonly startTime: number }[] {
  let bytes: Buffer;
  try {
    bytes = readRegular(path);
  } catch {
    return [];
  }
  const children = [];
  for (let at = 0; at + SLOT_SIZE <= bytes.length; at += SLOT_SIZE) {
    const slot = bytes.subarray(at, at + SLOT_SIZE);
    const phase = SLOT_PHASES[slot[0]!];
    if (phase === 'run' || phase === 'finish') children.push(decode(slot, phase));
  }
  return children;
}

/** All but the name. */
export function encodeSlot(slot: Slot, bytes: Buffer): void {
  bytes[0] = SLOT_PHASES.indexOf(slot.phase);
  bytes[1] = slot.dying ? DYING : slot.asked ? ASKED : 0;
  bytes.writeUInt16LE(Math.min(slot.failedStarts, MOST_FAILED_STARTS), 2);
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
    asked: bytes[1] === DYING || bytes[1] === ASKED,
    dying: bytes[1] === DYING,
    killAt: bytes[1] === DYING ? bytes.readDoubleLE(KILL_AT) : 0,
    streak: bytes.readUInt32LE(20),
    failedStarts: bytes.readUInt16LE(2),
    inode: bytes.readUInt32LE(32),
  };
}
