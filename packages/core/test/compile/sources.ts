/** Sources in memory, from paths and texts. */
import { type Compilation, compile } from '@muster/core/compile/compile';
import type { SourceEntry, SourceTree } from '@muster/core/compile/source';
import type { DefinitionEncoding } from '@muster/core/model/definition-encoding';

export type Files = ReadonlyMap<string, string | Uint8Array>;

/** `web/dependencies.d/mount` → text. An executable is marked by a `*` at the end of its path. */
export function sourceOf(files: Files, { path = 'source' } = {}): SourceTree {
  type Node = Map<string, Node | SourceEntry>;
  const root: Node = new Map();
  for (const [name, content] of files) {
    const parts = name.split('/');
    let node = root;
    for (const part of parts.slice(0, -1)) {
      const next = node.get(part) ?? new Map();
      node.set(part, next);
      node = next as Node;
    }
    const last = parts.at(-1)!;
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const executable = last.endsWith('*') && last.length > 1;
    node.set(executable ? last.slice(0, -1) : last, { kind: 'file', mode: executable ? 0o755 : 0o644, bytes });
  }
  const entriesOf = (node: Node): ReadonlyMap<string, SourceEntry> =>
    new Map(
      [...node].map(([name, inner]) => [
        name,
        inner instanceof Map ? { kind: 'directory' as const, mode: 0o755, entries: entriesOf(inner) } : inner,
      ]),
    );
  const definitions = [...root].flatMap(([name, inner]) =>
    inner instanceof Map ? [{ name, path: `${path}/${name}`, entries: entriesOf(inner) }] : [],
  );
  return { path, definitions, problems: [], plainFiles: [] };
}

export function compileFiles(
  files: Readonly<Record<string, string>> | Files,
  encoding: DefinitionEncoding = AS_JSON,
): Compilation {
  const map = files instanceof Map ? files : new Map(Object.entries(files));
  return compile([sourceOf(map)], { encoding });
}

/** For who looks at a database in memory. A file has another one. */
export const AS_JSON: DefinitionEncoding = {
  encode: (definition) =>
    new TextEncoder().encode(
      JSON.stringify(definition, (_, value) => (value instanceof Uint8Array ? [...value] : value)),
    ),
  digest: (bytes) => Bun.SHA256.hash(bytes) as Uint8Array,
};
