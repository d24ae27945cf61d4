/** Where the program is that a shell would run by a name. */
import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Its absolute path, symbolic links not followed; null if no directory of PATH has it. `name` has no slash. */
export function programPath(name: string, path = process.env.PATH ?? ''): string | null {
  // An empty entry means the working directory.
  const places = path.split(':').map((directory) => join(resolve(directory), name));
  return places.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
