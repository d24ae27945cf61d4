/** Changes in directories, told by the kernel through one descriptor for any number of directories. */
import { closeSync } from 'node:fs';
import { constants as os } from 'node:os';
import { errno, libc, SystemError } from './libc.ts';

const IN_NONBLOCK = 0o4000;
const IN_CLOEXEC = 0o2000000;
const IN_MOVED_TO = 0x80;
const IN_ONLYDIR = 0x01000000;
const EVENT_HEAD = 16;
/** The number under which `directoryChanges` tells that the kernel dropped events: every directory may have changed. */
export const EVERY_DIRECTORY = -1;

export class DirectoryChanges {
  readonly #descriptor: number;
  #closed = false;

  constructor() {
    this.#descriptor = libc().inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (this.#descriptor === -1) throw new SystemError('inotify_init1', errno());
  }

  /** Tells of files that are renamed into `directory`. Returns its number, or null if there is no such directory. */
  addRenamesInto(directory: string): number | null {
    const number = libc().inotify_add_watch(this.#descriptor, Buffer.from(`${directory}\0`), IN_MOVED_TO | IN_ONLYDIR);
    if (number !== -1) return number;
    const cause = errno();
    if (cause === os.errno.ENOENT || cause === os.errno.ENOTDIR) return null;
    throw new SystemError('inotify_add_watch', cause, directory);
  }

  /** Calls `changed` with the number of each directory where something happened, or with `EVERY_DIRECTORY`. */
  async listen(changed: (directory: number) => void): Promise<void> {
    for await (const events of Bun.file(this.#descriptor).stream()) {
      if (this.#closed) return;
      const view = new DataView(events.buffer, events.byteOffset, events.byteLength);
      for (let at = 0; at + EVENT_HEAD <= view.byteLength; at += EVENT_HEAD + view.getUint32(at + 12, true)) {
        changed(view.getInt32(at, true));
      }
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
  }
}
