/** Writes the source that an import makes. */
import { readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureDirSync, outputFileSync } from 'fs-extra/esm';
import type { ImportedFile } from '../definitions/files.ts';

/** Whether a source can be made at `path`: nothing is there, or a directory without anything in it. */
export function isFree(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch {
    return true;
  }
}

/** With all directories that the files need. A link may lead nowhere. Throws ErrnoException. */
export function writeSource(source: string, files: readonly ImportedFile[]): void {
  for (const file of files) {
    const path = join(source, file.path);
    if (file.kind === 'file') outputFileSync(path, file.bytes, { mode: file.mode });
    else {
      ensureDirSync(dirname(path));
      symlinkSync(file.target, path);
    }
  }
}
