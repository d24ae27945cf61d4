/** A live directory and a database in a directory such as /tmp, where anybody can make anything beside them. Needs root. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { BOUNDED } from '@muster/posix/test/bounded';
import { expect, test } from 'vitest';
import { Machine } from './machine.ts';

const STRANGER = 65534;
const USER = 1234;
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('skipped: only root can become somebody else');

test.skipIf(!isRoot).each([
  ['root', 0],
  ['a user', USER],
])('what another has named as what was left unfinished hinders %s in nothing, and stays', (_, uid) => {
  const machine = new Machine(join(import.meta.dirname, 'sources/pair'), () => ({}));
  try {
    chmodSync(machine.directory, 0o1777);
    const as = (id: number, command: string, ...args: string[]) =>
      spawnSync(command, args, { ...BOUNDED, env: machine.environment, uid: id, gid: id, encoding: 'utf8' });
    const unfinished = ['.live.new-1-1', `.compiled.999999.${'x'.repeat(36)}`].map((name) =>
      join(machine.directory, name),
    );
    for (const path of unfinished)
      expect(as(STRANGER, 'mkdir', '-p', join(path, 'inside')), path).toMatchObject({ status: 0 });
    const file = join(machine.directory, `.compiled.999998.${'x'.repeat(36)}`);
    expect(as(STRANGER, 'touch', file)).toMatchObject({ status: 0 });

    const commands = [
      ['rc-compile', machine.source, machine.compiled],
      ['rc-init'],
      ['rc-change', 'upper'],
      ['rc-shutdown', '-t', '10s'],
      ['rc-init'],
      ['rc-shutdown', '-t', '10s'],
    ] as const;
    for (const [command, ...args] of commands) expect(as(uid, command, ...args), command).toMatchObject({ status: 0 });
    for (const path of [...unfinished, file]) expect(existsSync(path), path).toBe(true);
  } finally {
    machine.dispose();
  }
});
