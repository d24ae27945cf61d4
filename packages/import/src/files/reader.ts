/** How a format looks at originals: never at anything but files and directories, and never without end. */
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { explainCode } from '@muster/core/diagnostics/system-errors';
import { failure, type Result, success } from '@muster/core/result';
import { readRegularText } from '@muster/posix/regular-file';

export interface FileReader {
  /** The problem says why not, for people. */
  text(path: string): Result<string, string>;
  /** Names in a directory, sorted; null if it is none that can be read. */
  list(path: string): readonly string[] | null;
  kindOf(path: string): 'file' | 'directory' | null;
  /** Where a symbolic link leads, as it was written; null if it is none. */
  linkAt(path: string): string | null;
}

/** No configuration has so many bytes. */
const LARGEST = 16 * 1024 * 1024;

export const DISK: FileReader = {
  text(path) {
    try {
      const status = statSync(path);
      if (!status.isFile()) return failure('is no file');
      if (status.size > LARGEST) return failure(`has more than ${LARGEST} bytes`);
      return success(readRegularText(path, { follow: true, limit: LARGEST }));
    } catch (error) {
      return failure(explainCode((error as NodeJS.ErrnoException).code ?? String(error)));
    }
  },
  list(path) {
    try {
      return readdirSync(path).sort();
    } catch {
      return null;
    }
  },
  kindOf(path) {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) return null;
    return status.isFile() ? 'file' : status.isDirectory() ? 'directory' : null;
  },
  linkAt(path) {
    try {
      return readlinkSync(path);
    } catch {
      return null;
    }
  },
};
