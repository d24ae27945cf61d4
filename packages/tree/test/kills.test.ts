import { musterCommand } from '@muster/protocol/test/contract/backends';
import { expect, test } from 'vitest';
import { killAgainAndAgain } from './kills.ts';

test('no daemon is lost, started twice or left unwatched when the tree is killed at random moments', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`seed ${seed}`);
  const [program, args] = musterCommand('svscan');
  const report = await killAgainAndAgain({ rounds: 60, seed, command: [program, ...args], longest: 150 });
  expect(report).toMatchObject({ kills: 60, lost: [], duplicated: [], unwatched: [] });
});
