/** Directories that go into the service directory as they are: `data/`, `env/`, `template/`. */
import type { FileEntry } from '../model/definition.ts';
import { copiedMode, directoryMode, OPEN_DIRECTORY } from '../model/modes.ts';
import { type DefinitionFiles, reportUnreadable } from './files.ts';
import { compareNames } from './names.ts';
import type { SourceDirectory, SourceEntry } from './source.ts';

/** Appends a directory and what is in it to `copied`, in the order of names. A common one that is not empty needs no mention. */
export function copyTree(files: DefinitionFiles, path: string, directory: SourceDirectory, copied: FileEntry[]): void {
  const { entries } = directory;
  const mode = directoryMode(directory.mode);
  if (entries.size === 0 || mode !== OPEN_DIRECTORY) copied.push({ kind: 'directory', path, mode });
  for (const [name, entry] of [...entries].sort(([a], [b]) => compareNames(a, b))) {
    copyEntry(files, `${path}/${name}`, entry, copied);
  }
}

function copyEntry(files: DefinitionFiles, path: string, entry: SourceEntry, copied: FileEntry[]): void {
  switch (entry.kind) {
    case 'file':
      copied.push({ kind: 'file', path, mode: copiedMode(entry.mode), content: entry.bytes });
      return;
    case 'directory':
      copyTree(files, path, entry, copied);
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
