/** A definition that is one file: the files that it stands for have no modes of their own. */
import type { SourceDefinition, SourceEntry } from '@muster/core/compile/source';
import { ALL, passedOn, READ } from './source-directory.ts';

/** What is in a file is for those who may read the file. */
export function narrowed(found: SourceDefinition, mode: number): SourceDefinition {
  const allowed = passedOn(mode, READ);
  return allowed === ALL ? found : { ...found, entries: narrowedEntries(found.entries, allowed) };
}

function narrowedEntries(entries: SourceDefinition['entries'], allowed: number): Map<string, SourceEntry> {
  return new Map([...entries].map(([name, entry]) => [name, narrowedEntry(entry, allowed)]));
}

function narrowedEntry(entry: SourceEntry, allowed: number): SourceEntry {
  if (entry.kind === 'file') return { ...entry, mode: entry.mode & allowed };
  if (entry.kind !== 'directory') return entry;
  return { kind: 'directory', mode: entry.mode & allowed, entries: narrowedEntries(entry.entries, allowed) };
}
