/** The files of a source as the compiler reads them, without a disk between. */
import { KNOWN_FILES } from '@muster/core/compile/known-files';
import type { SourceEntry, SourceTree } from '@muster/core/compile/source';
import type { ImportedFile } from './files.ts';

type Branch = Map<string, Branch | SourceEntry>;

export function treeOf(files: readonly ImportedFile[]): SourceTree {
  const root: Branch = new Map();
  for (const file of files) {
    const parts = file.path.split('/');
    const last = parts.pop() ?? '';
    let branch = root;
    for (const part of parts) {
      const next = branch.get(part);
      if (next instanceof Map) branch = next;
      else {
        const made: Branch = new Map();
        branch.set(part, made);
        branch = made;
      }
    }
    branch.set(last, entryOf(file, parts));
  }
  const definitions = [...root].flatMap(([name, branch]) =>
    branch instanceof Map ? [{ name, path: name, entries: entriesOf(branch) }] : [],
  );
  return { path: 'source', definitions, problems: [], plainFiles: [] };
}

function entryOf(file: ImportedFile, [, list]: readonly string[]): SourceEntry {
  const reading = list === undefined ? undefined : KNOWN_FILES.get(list)?.reading;
  if (reading === 'names') return { kind: 'present' };
  if (file.kind === 'link') return { kind: 'link', target: file.target };
  return { kind: 'file', mode: file.mode, bytes: file.bytes };
}

function entriesOf(branch: Branch): ReadonlyMap<string, SourceEntry> {
  return new Map(
    [...branch].map(([name, inner]) => [
      name,
      inner instanceof Map ? { kind: 'directory' as const, mode: 0o755, entries: entriesOf(inner) } : inner,
    ]),
  );
}
