/**
 * The files of a log directory that may be somebody else's, opened by a process that may be root. The directory is opened
 * once, and everything below it reached through that descriptor, so that another directory in its place is never written.
 * A link, a FIFO or a directory in place of a file is refused, and so is another's file, or a file that has another name
 * elsewhere (a hard link, by which the owner of a directory would have root write root's files).
 */
import { closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync, readdirSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { NotAFile, openRegular } from '@muster/posix/regular-file';
import { OddFile } from './odd-file.ts';
import { NO_DIRECTORY, walkTo } from './walk.ts';

const { O_RDONLY, O_DIRECTORY } = constants;
const OTHERS_MAY_WRITE = 0o022;

export class OwnFiles {
  readonly #directory: number;
  readonly #owner: number;
  /** Nobody else can put anything into the directory. */
  readonly #isPrivate: boolean;

  /** Makes the directory if it is missing. Throws OddFile or ErrnoException. */
  constructor(directory: string) {
    const { descriptor, isTrusted } = process.geteuid!() === 0 ? walkTo(resolve(directory)) : openAsUser(directory);
    this.#directory = descriptor;
    const { uid, mode } = fstatSync(descriptor);
    this.#owner = uid;
    this.#isPrivate = isTrusted && uid === process.geteuid!() && (mode & OTHERS_MAY_WRITE) === 0;
  }

  /** To `name` in the directory that was opened, wherever that is by now. */
  path(name: string): string {
    return `/proc/self/fd/${this.#directory}/${name}`;
  }

  /** Opens a file, or makes it if `flags` say so. Throws OddFile or ErrnoException. */
  open(name: string, flags: number, mode = 0o600): number {
    try {
      const { descriptor, stats } = openRegular(this.path(name), { flags, mode });
      const reason = this.#isPrivate ? null : this.#reasonAgainst(stats);
      if (reason === null) return descriptor;
      closeSync(descriptor);
      throw new OddFile(`${name} ${reason}`);
    } catch (error) {
      throw error instanceof NotAFile ? new OddFile(`${name} is ${error.what}`) : error;
    }
  }

  /** A directory of ours that is new may be looked into by whom files of `mode` are for. */
  allow(mode: number): void {
    if (this.#owner !== process.geteuid!() || readdirSync(this.path('.')).length > 0) return;
    const readers = mode & 0o444;
    fchmodSync(this.#directory, 0o700 | readers | (readers >> 2));
  }

  close(): void {
    closeSync(this.#directory);
  }

  #reasonAgainst({ uid, nlink }: Stats): string | null {
    if (uid !== process.geteuid!() && uid !== this.#owner) return 'belongs to another user';
    return nlink > 1 ? 'is a hard link' : null;
  }
}

/** What is not root's can be led nowhere that it could not go by itself. Throws OddFile or ErrnoException. */
function openAsUser(directory: string): { readonly descriptor: number; readonly isTrusted: boolean } {
  try {
    mkdirSync(directory, { recursive: true });
    return { descriptor: openSync(directory, O_RDONLY | O_DIRECTORY), isTrusted: true };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'EEXIST' || code === 'ENOTDIR' ? new OddFile(NO_DIRECTORY) : error;
  }
}
