/** A live directory in which not one byte more has room: services must go on being supervised, and be seen as they are. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { expect, test } from 'vitest';
import { killIfThere, Machine } from './machine.ts';
import { statusOf } from './seen-by-commands.ts';

function mounted(directory: string): boolean {
  mkdirSync(directory);
  const options = ['-t', 'tmpfs', '-o', 'size=128k,mode=755', 'none', directory];
  return process.getuid?.() === 0 && spawnSync('mount', options).status === 0;
}

test('services start, stop, die and come back while the live directory is full', async ({ skip }) => {
  const machine = new Machine(join(import.meta.dirname, 'sources/pair'), (directory) => ({
    RC_LIVE: join(directory, 'small/live'),
  }));
  const small = join(machine.directory, 'small');
  const isMounted = mounted(small);
  try {
    skip(!isMounted, 'nothing can be mounted here');
    machine.must('rc-compile', machine.source, machine.compiled);
    machine.must('rc-init');
    expect(() => writeFileSync(join(small, 'filler'), Buffer.alloc(2 ** 20))).toThrow('ENOSPC');

    machine.must('rc-change', 'upper', '-t', '60s');
    const first = statusOf(machine).get('upper')!;
    expect(first).toMatchObject({ state: 'up' });
    process.kill(first.pid!, 'SIGKILL');
    await eventually('upper is back', () => {
      const now = statusOf(machine).get('upper')!;
      return now.state === 'up' && now.pid !== first.pid;
    });
    machine.must('rc-change', '-d', 'base', '-t', '60s');
    expect([...statusOf(machine).values()].map(({ state }) => state)).toEqual(['down', 'down']);
    machine.must('rc-shutdown');
    expect(machine.processes()).toEqual([]);
  } finally {
    for (const { pid } of machine.processes()) killIfThere(pid);
    if (isMounted) spawnSync('umount', ['-l', small]);
    machine.dispose();
  }
});
