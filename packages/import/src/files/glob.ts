/** Paths that match a pattern of `*`, `?` and `[…]`, as glob(3) finds them: sorted, none that begin with a dot. */
import type { FileReader } from './reader.ts';

/** `pattern`: absolute, or relative to the working directory. */
export function glob(pattern: string, files: FileReader): readonly string[] {
  const parts = pattern.split('/');
  let found = [parts[0] ?? ''];
  if (parts.length === 1) found = expand('.', parts[0] ?? '', files);
  for (const [at, part] of parts.entries()) {
    if (at === 0) continue;
    const isLast = at === parts.length - 1;
    found = found.flatMap((directory) => {
      if (part === '' || part === '.' || part === '..') return [`${directory}/${part}`];
      if (/[*?[]/.test(part)) return expand(directory, part, files).map((name) => `${directory}/${name}`);
      const path = `${directory}/${part}`;
      return isLast && files.kindOf(path) === null ? [] : [path];
    });
  }
  return found.sort();
}

function expand(directory: string, pattern: string, files: FileReader): string[] {
  const matches = new RegExp(`^${source(pattern)}$`, 's');
  const names = files.list(directory === '' ? '/' : directory) ?? [];
  return names.filter((name) => (!name.startsWith('.') || pattern.startsWith('.')) && matches.test(name));
}

function source(pattern: string): string {
  return pattern.replace(
    /\[(!?)([^\]]+)\]|[.*+?^${}()|[\]\\]/g,
    (found, not: string | undefined, set: string | undefined) => {
      if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replaceAll(/[\\^]/g, '\\$&')}]`;
      return found === '*' ? '.*' : found === '?' ? '.' : `\\${found}`;
    },
  );
}
