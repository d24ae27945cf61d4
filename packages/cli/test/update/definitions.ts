/** Definitions of a small site, and what an update may make of them. */
import type { Tree } from '../compile/trees.ts';

export function daemon(
  name: string,
  needs: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Tree {
  const entries: Record<string, Tree[string]> = {
    [`${name}/type`]: 'longrun\n',
    [`${name}/run`]: { text: files.run ?? '#!/bin/sh\nexec sleep 1000000\n', mode: 0o755 },
  };
  for (const [path, text] of Object.entries(files)) if (path !== 'run') entries[`${name}/${path}`] = text;
  for (const need of needs) entries[`${name}/dependencies.d/${need}`] = '';
  return entries;
}

export const oneshot = (name: string, up: string, files: Readonly<Record<string, string>> = {}): Tree => ({
  [`${name}/type`]: 'oneshot\n',
  [`${name}/up`]: up,
  ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`${name}/${path}`, text])),
});

export const base: Tree = { ...daemon('db'), ...daemon('web', ['db']), ...oneshot('prepare', 'true\n') };
export const changed: Tree = {
  ...base,
  ...daemon('web', ['db', 'cache'], { run: '#!/bin/sh\n# two\nexec sleep 1000000\n' }),
  ...daemon('cache'),
};
