/** The engine that there is here. MUSTER_CONTAINER_ENGINE=unshare takes the other one where podman works as well. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Engine } from './engine.ts';
import { BUILT } from './image.ts';
import { PodmanEngine } from './podman.ts';
import { haveRoots, podmanDriver } from './roots.ts';
import { UnshareEngine } from './unshared.ts';

const wanted = process.env.MUSTER_CONTAINER_ENGINE;
const canUnshare = spawnSync('unshare', ['--pid', '--fork', '--mount', '--net', '--mount-proc', 'true']).status === 0;
const isBuilt = existsSync(BUILT);

/** Null if no containers can be had, which is told. */
export const engineHere: Engine['name'] | null = choose();
if (engineHere === null)
  console.log('skipped: containers, which take root, a build, and what scripts/containers.sh makes');
else console.log(`containers by ${engineHere}`);

function choose(): Engine['name'] | null {
  if (!haveRoots || !isBuilt) return null;
  if (podmanDriver !== null && wanted !== 'unshare') return 'podman';
  return canUnshare ? 'unshare' : null;
}

/** All that the tests of this file know the engine by: what it is asked for makes it. */
export function openEngine(name: Engine['name'] | null = engineHere): Promise<Engine> {
  if (name === 'podman') return PodmanEngine.open();
  if (name === 'unshare') return Promise.resolve(new UnshareEngine());
  throw new Error('there is no engine here');
}
