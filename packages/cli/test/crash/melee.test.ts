/** A little of what `npm run soak melee` does for longer. */
import { expect, test } from 'vitest';
import { Melee } from './melee.ts';

const ROUNDS = 5;

test('ten changes and updates at once, some killed, and the tree as well, leave a machine that is whole', async () => {
  const seed = Number(process.env.MUSTER_MELEE_SEED ?? Date.now() % 2 ** 31);
  console.log(`melee: seed ${seed} (MUSTER_MELEE_SEED replays what was tried, not what the kernel made of it)`);
  const melee = new Melee(seed);
  try {
    await melee.boot();
    for (let round = 0; round < ROUNDS; round++) expect(await melee.round(), `seed ${seed}`).toEqual([]);
  } finally {
    melee.site.remove();
  }
});
