/** FIFOs that the tree holds: no line is lost or out of order whichever end restarts, or the tree itself. */
import { closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFifo } from '@muster/posix/fifo';
import { libc } from '@muster/posix/libc';
import { eventually } from '@muster/posix/test/eventually';
import { embeddedWith, musterCommand } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { Rig } from '@muster/protocol/test/rig';
import { afterEach, expect, test } from 'vitest';
import { everythingIn } from './logger/read-log.ts';

const LINES = 20_000;
const LINE = '12345\n'.length;

const F_SETPIPE_SZ = 1031;

/** So that the producer is never so far ahead that it only waits. */
function shrink(pipe: string): void {
  const descriptor = openSync(pipe, constants.O_RDWR);
  expect(libc().fcntl(descriptor, F_SETPIPE_SZ, 4096)).toBe(4096);
  closeSync(descriptor);
}

let stage: Stage;
afterEach(() => stage.down());

test('20,000 numbered lines are in the log once, in order, while logger, writer and tree get SIGKILL', async () => {
  const rig = new Rig();
  const pipes = join(rig.root, 'pipes');
  mkdirSync(pipes);
  const pipe = join(pipes, 'logger');
  makeFifo(pipe, 0o600);
  stage = new Stage(embeddedWith('--pipes', pipes), rig);
  const log = join(rig.root, 'log');
  // Killed between the two, it writes a line again: that is its own doing, and at most one line for each time.
  const writer = rig.add('writer', {
    files: { 'restart-delay': '0\n', down: '' },
    run: `exec >'${pipe}'
n=$(tail -n 1 written)
while [ "$n" -lt ${10_000 + LINES} ]; do echo "$n"; n=$((n + 1)); echo "$n" >>written; done
exec sleep 1000`,
  });
  writeFileSync(join(writer, 'written'), '10000\n');
  const [program, words] = musterCommand('logger', '-t', 'none', '-s', '16K', '-n', '1000', log);
  rig.add('logger', {
    files: { 'restart-delay': '0\n', down: '' },
    run: `exec <'${pipe}'\nexec '${program}' ${words.map((word) => `'${word}'`).join(' ')}`,
  });
  const logged = () => everythingIn(log);

  await stage.up('writer', 'logger');
  shrink(pipe);
  for (const end of ['logger', 'writer']) stage.svc(end, '-wu', '-u');
  for (let next = 500, kills = 0; next < LINES; next += 500, kills++) {
    await eventually(`line ${next}`, () => logged().length / LINE >= next);
    if (kills % 7 === 6) {
      await stage.again();
      for (const end of ['writer', 'logger']) await stage.answers(end);
    } else {
      const end = kills % 2 === 0 ? 'writer' : 'logger';
      const runs = rig.journal('run', end).length;
      stage.svc(end, '-k');
      await rig.told('run', end, runs + 1);
    }
  }
  await eventually('the last line', () => logged().endsWith(`\n${10_000 + LINES - 1}\n`));
  const lines = logged().trim().split('\n').map(Number);
  const repeated = lines.filter((line, index) => line === lines[index - 1]);
  expect(repeated.length).toBeLessThan(rig.journal('run', 'writer').length);
  expect(lines.filter((line, index) => line !== lines[index - 1])).toEqual(
    Array.from({ length: LINES }, (_, index) => 10_000 + index),
  );
  expect(rig.journal('run', 'logger').length).toBeGreaterThan(12);
});

test('20,000 numbered lines arrive while both ends, and the tree, are killed again and again', async () => {
  const rig = new Rig();
  const pipes = join(rig.root, 'pipes');
  mkdirSync(pipes);
  const pipe = join(pipes, 'consumer');
  makeFifo(pipe, 0o600);
  stage = new Stage(embeddedWith('--pipes', pipes), rig);
  // Both end between two lines when they are told to: what they had in hand themselves is not the pipe's to keep.
  const producer = rig.add('producer', {
    files: { 'restart-delay': '0\n', down: '' },
    run: `exec >'${pipe}'
stop=; trap 'stop=1' TERM
read -r n <next
while [ -z "$stop" ] && [ "$n" -lt ${10_000 + LINES} ]; do echo "$n"; n=$((n + 1)); done
echo "$n" >next
[ -n "$stop" ] || exec sleep 1000`,
  });
  writeFileSync(join(producer, 'next'), '10000\n');
  const consumer = rig.add('consumer', {
    files: { 'restart-delay': '0\n', down: '' },
    run: `exec <'${pipe}'
stop=; trap 'stop=1' TERM
while [ -z "$stop" ]; do read -r line && echo "$line" >>lines; done`,
  });
  const lines = join(consumer, 'lines');
  const received = () => (existsSync(lines) ? statSync(lines).size / LINE : 0);

  await stage.up('producer', 'consumer');
  shrink(pipe);
  for (const end of ['consumer', 'producer']) stage.svc(end, '-wu', '-u');
  for (let next = 300, kills = 0; next < LINES; next += 300, kills++) {
    await eventually(`line ${next}`, () => received() >= next);
    if (kills % 7 === 6) {
      await stage.again();
      for (const end of ['producer', 'consumer']) await stage.answers(end);
    } else {
      const end = kills % 2 === 0 ? 'producer' : 'consumer';
      const runs = rig.journal('run', end).length;
      stage.svc(end, '-r');
      await rig.told('run', end, runs + 1);
    }
  }
  await eventually('the last line', () => received() >= LINES);
  const expected = Array.from({ length: LINES }, (_, index) => 10_000 + index);
  expect(readFileSync(lines, 'utf8').trim().split('\n').map(Number)).toEqual(expected);
  expect(rig.journal('run', 'producer').length).toBeGreaterThan(20);
  expect(rig.journal('run', 'consumer').length).toBeGreaterThan(20);
});
