/** Changes in directories, told by the kernel through one descriptor for any number of directories. */
import { closeSync, readSync } from 'node:fs';
import { constants as os } from 'node:os';
import { errno, libc, O_CLOEXEC, SystemError } from './libc.ts';
import { type Chunks, runtime } from './runtime/runtime.ts';
import { cString } from './strings.ts';

const IN_NONBLOCK = 0o4000;
const IN_MOVED_TO = 0x80;
/** IN_ATTRIB, IN_CLOSE_WRITE, IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE, IN_DELETE_SELF, IN_MOVE_SELF. */
const IN_ANY_CHANGE = 0x4 | 0x8 | 0x40 | IN_MOVED_TO | 0x100 | 0x200 | 0x400 | 0x800;
const IN_OPEN = 0x20;
const IN_ISDIR = 0x40000000;
const IN_ONLYDIR = 0x01000000;
const EVENT_HEAD = 16;
/** The number under which `DirectoryChanges` tells that the kernel dropped events: every directory may have changed. */
export const EVERY_DIRECTORY = -1;

export class DirectoryChanges {
  readonly #descriptor: number;
  #chunks: Chunks | null = null;
  #closed = false;

  /** Throws SystemError: EMFILE past fs.inotify.max_user_instances. */
  constructor() {
    this.#descriptor = makeInotify();
  }

  /**
   * Tells of files that are renamed into `directory`. Returns its number, or null if there is no such directory. Throws
   * SystemError: ENOSPC past fs.inotify.max_user_watches.
   */
  addRenamesInto(directory: string): number | null {
    return this.#add(directory, IN_MOVED_TO);
  }

  /** As `addRenamesInto`, but tells of whatever happens to `directory` and to what is in it, except that it is read. */
  addAnyChange(directory: string): number | null {
    return this.#add(directory, IN_ANY_CHANGE);
  }

  #add(directory: string, mask: number): number | null {
    const number = libc().inotify_add_watch(this.#descriptor, cString(directory), mask | IN_ONLYDIR);
    if (number !== -1) return number;
    const cause = errno();
    if (cause === os.errno.ENOENT || cause === os.errno.ENOTDIR) return null;
    throw new SystemError('inotify_add_watch', cause, directory);
  }

  /**
   * Calls `changed` with the number of each directory where something happened, or with `EVERY_DIRECTORY`, and with what
   * tells the name of what it happened to: empty for the directory itself.
   */
  async listen(changed: (directory: number, name: () => string) => void): Promise<void> {
    const chunks = runtime.chunksOf(this.#descriptor);
    this.#chunks = chunks;
    for (;;) {
      const told = await chunks.next();
      if (told === null || this.#closed) return;
      const view = new DataView(told.buffer, told.byteOffset, told.byteLength);
      for (let at = 0; at + EVENT_HEAD <= view.byteLength; at += EVENT_HEAD + view.getUint32(at + 12, true)) {
        changed(view.getInt32(at, true), () => nameIn(told, at));
      }
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // A read that is under way would keep the process alive.
    const close = () => closeSync(this.#descriptor);
    if (this.#chunks === null) close();
    else this.#chunks.cancel().then(close, close);
  }
}

/** Of the event at `at`: filled up with NULs. */
function nameIn(events: Uint8Array, at: number): string {
  const length = new DataView(events.buffer, events.byteOffset).getUint32(at + 12, true);
  const name = events.subarray(at + EVENT_HEAD, at + EVENT_HEAD + length);
  const end = name.indexOf(0);
  return Buffer.from(end === -1 ? name : name.subarray(0, end)).toString();
}

function makeInotify(): number {
  const descriptor = libc().inotify_init1(IN_NONBLOCK | O_CLOEXEC);
  if (descriptor === -1) throw new SystemError('inotify_init1', errno());
  return descriptor;
}

const events = Buffer.alloc(65_536);
/** In one look, so that files which are opened without end take no more than their share. */
const READS_AT_MOST = 4;

/** A descriptor that becomes readable when files in `directory` are opened, or renamed into it. Throws SystemError. */
export function watchOpenings(directory: string): number {
  const descriptor = makeInotify();
  const mask = IN_OPEN | IN_MOVED_TO | IN_ONLYDIR;
  if (libc().inotify_add_watch(descriptor, cString(directory), mask) === -1) {
    const cause = errno();
    closeSync(descriptor);
    throw new SystemError('inotify_add_watch', cause, directory);
  }
  return descriptor;
}

/** Takes what `watchOpenings` has to tell, or some of it if that is much. Openings of the directory itself (whoever lists it) do not count. */
export function hasOpenings(descriptor: number): boolean {
  let found = false;
  for (let reads = 0; reads < READS_AT_MOST; reads++) {
    let length: number;
    try {
      length = readSync(descriptor, events, 0, events.length, null);
    } catch {
      return found;
    }
    for (let at = 0; at + EVENT_HEAD <= length; at += EVENT_HEAD + events.readUInt32LE(at + 12)) {
      if ((events.readUInt32LE(at + 4) & IN_ISDIR) === 0) found = true;
    }
  }
  return found;
}
