/** Directories that go into the service directory as they are: `data/`, `env/`, `template/`. */
import type { FileEntry } from '../model/definition.ts';
import { type DefinitionFiles, reportUnreadable } from './files.ts';
import { compareNames } from './names.ts';
import type { SourceEntry } from './source.ts';

const DIRECTORY_MODE = 0o755;

/** Appends what is in `entries` to `copied`, in the order of names. */
export function copyTree(
  files: DefinitionFiles,
  path: string,
  entries: ReadonlyMap<string, SourceEntry>,
  copied: FileEntry[],
): void {
  if (entries.size === 0) {
    copied.push({ kind: 'directory', path, mode: DIRECTORY_MODE });
    return;
  }
  for (const name of [...entries.keys()].sort(compareNames)) {
    copyEntry(files, `${path}/${name}`, entries.get(name)!, copied);
  }
}

function copyEntry(files: DefinitionFiles, path: string, entry: SourceEntry, copied: FileEntry[]): void {
  switch (entry.kind) {
    case 'file':
      copied.push({ kind: 'file', path, mode: entry.mode & 0o7777, content: entry.bytes });
      return;
    case 'directory':
      copyTree(files, path, entry.entries, copied);
      return;
    case 'link':
      copied.push({ kind: 'link', path, target: entry.target });
      return;
    case 'unreadable':
      reportUnreadable(entry.cause, files.place(path), files.report);
      return;
    case 'special':
      files.report.add('special-file', `${entry.what} cannot be part of a definition`, {
        at: files.place(path),
        hint: 'remove it here, and make it in run',
      });
      return;
    case 'present':
    case 'invalid':
      return;
  }
}
