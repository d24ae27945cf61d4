/** A little of what `npm run soak siege` does for longer. */
import { expect, test } from 'vitest';
import { Siege, siegeMissing } from './siege.ts';

const ROUNDS = 3;
const missing = siegeMissing();
if (missing !== null) console.log(`no siege: ${missing}`);

test.skipIf(missing !== null)(
  'a tree that is killed while its file system fills, and that no command revives, comes back whole',
  async () => {
    const seed = Number(process.env.MUSTER_SIEGE_SEED ?? Date.now() % 2 ** 31);
    console.log(`siege: seed ${seed} (MUSTER_SIEGE_SEED replays what was tried, not what the kernel made of it)`);
    const siege = new Siege(seed);
    try {
      await siege.boot();
      for (let round = 0; round < ROUNDS; round++) expect(await siege.round(), `seed ${seed}`).toEqual([]);
      expect(await siege.calm(), `seed ${seed}`).toEqual([]);
      expect(await siege.end(), `seed ${seed}`).toEqual([]);
    } finally {
      siege.remove();
    }
  },
  180_000,
);
