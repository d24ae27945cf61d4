/** A directory in RAM for the demonstration. */
import { accessSync, constants, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TMPFS_MAGIC = 0x01021994;

export interface RamDirectory {
  readonly path: string;
  /** Where it lies, for people. */
  readonly where: string;
}

/** Makes a new directory on the first tmpfs where scripts may be executed; without one, among the temporary files. */
export function makeRamDirectory(): RamDirectory {
  const places = [process.env.XDG_RUNTIME_DIR, '/dev/shm', '/run'].filter(
    (place) => place !== undefined && place !== '',
  );
  for (const place of places) {
    const path = tryDirectory(place!);
    if (path !== null) return { path, where: `in RAM: ${place} is a tmpfs` };
  }
  return {
    path: mkdtempSync(join(tmpdir(), 'muster-')),
    where: `on disk: none of ${places.join(', ')} is a usable tmpfs`,
  };
}

function tryDirectory(place: string): string | null {
  try {
    if (statfsSync(place).type !== TMPFS_MAGIC) return null;
    accessSync(place, constants.W_OK);
  } catch {
    return null;
  }
  const path = mkdtempSync(join(place, 'muster-'));
  if (mayExecuteIn(path)) return path;
  rmSync(path, { recursive: true });
  return null;
}

/** Containers often mount /dev/shm with `noexec`: services' scripts could not run there. */
function mayExecuteIn(directory: string): boolean {
  const script = join(directory, 'script');
  writeFileSync(script, '#!/bin/sh\n', { mode: 0o755 });
  try {
    return Bun.spawnSync([script]).success;
  } catch {
    return false;
  } finally {
    rmSync(script);
  }
}
