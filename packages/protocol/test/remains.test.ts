/** What is left of a session whose leader has ended, and whose status nobody has asked for yet. */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { processFacts } from '@muster/posix/process';
import { eventually } from '@muster/posix/test/eventually';
import { haveExecuted } from '@muster/posix/test/processes';
import { expect, onTestFinished, test } from 'vitest';
import { remainsOf } from '../src/remains.ts';

/** `script` is what the leader of the session runs, once its parent has become what asks for no status. */
async function zombieLeader(script: string): Promise<number> {
  const around = `setsid sh -c 'read go <&3; exec 3<&-; ${script}' & echo $!; exec sleep 1000000 3<&-`;
  const parent = spawn('sh', ['-c', around], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
  const leader = await new Promise<number>((resolve) => parent.stdout?.once('data', (text) => resolve(Number(text))));
  onTestFinished(() => {
    for (const { pid } of remainsOf(leader)) process.kill(pid, 'SIGKILL');
    parent.kill('SIGKILL');
  });
  await haveExecuted([parent.pid ?? 0], 'sleep');
  (parent.stdio[3] as Writable).end('\n');
  await eventually('the leader is a zombie', () => processFacts(leader)?.zombie === true);
  return leader;
}

test('a zombie alone leaves nothing, however many ask at once', async () => {
  const leaders = await Promise.all(Array.from({ length: 5 }, () => zombieLeader('exit 0')));
  for (const leader of leaders) expect(remainsOf(leader)).toEqual([]);
});

test('what runs in the session of a zombie is found, until it has ended', async () => {
  const leader = await zombieLeader('sleep 1000000 & exit 0');
  await eventually('what it left', () => remainsOf(leader).length === 1);
  const [left] = remainsOf(leader);
  expect(processFacts(left?.pid ?? 0)?.session).toBe(leader);
  process.kill(left?.pid ?? 0, 'SIGKILL');
  await eventually('the end of it', () => remainsOf(leader).length === 0);
});
