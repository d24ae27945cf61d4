/** What scripts/containers.sh has made outside of the checkout. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Image } from './image.ts';

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const directory = process.env.MUSTER_CONTAINER_ROOTS ?? join(cache, 'muster/containers/current');

export const haveRoots = existsSync(join(directory, 'complete'));
export const rootOf = (base: Image['base']): string => join(directory, 'roots', base);
export const imageStore = join(directory, 'store');
/** The storage driver with which podman starts containers here; null if it does not. */
export const podmanDriver: string | null = existsSync(join(directory, 'driver'))
  ? readFileSync(join(directory, 'driver'), 'utf8').trim()
  : null;
