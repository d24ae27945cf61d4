/** Looking is for everybody, changing for the owner. Needs root, to become somebody else. */
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { BOUNDED } from '@muster/posix/test/bounded';
import { expect, test } from 'vitest';
import { Machine, ROOT } from './machine.ts';

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('skipped: only root can become somebody else');

test.skipIf(!isRoot)('somebody else sees how services are, and can neither move nor block them', () => {
  const machine = new Machine(join(import.meta.dirname, 'sources/pair'), () => ({}));
  try {
    chmodSync(machine.directory, 0o755);
    machine.must('rc-compile', machine.source, machine.compiled);
    machine.must('rc-init');
    machine.must('rc-change', 'upper');
    const asNobody = (command: string, ...args: string[]) =>
      spawnSync(join(ROOT, 'build', command), args, {
        ...BOUNDED,
        env: machine.environment,
        uid: NOBODY,
        gid: NOBODY,
        encoding: 'utf8',
      });
    const seen = asNobody('rc-status', '--check', '--json');
    expect(seen).toMatchObject({ status: 0, stderr: '' });
    const { services } = JSON.parse(seen.stdout) as { services: { name: string; state: string }[] };
    expect(services.map(({ name, state }) => `${name} ${state}`)).toEqual(['base up', 'upper up']);
    expect(asNobody('rc-change', '-n', '-d', 'base')).toMatchObject({ status: 0, stderr: '' });
    for (const [command, ...args] of [['rc-change', '-d', 'base'], ['rc-update'], ['rc-shutdown']]) {
      const { status, stderr } = asNobody(command!, ...args);
      expect(status, command).toBe(111);
      expect(stderr, command).toContain(`'${machine.live}/lock'`);
    }
    const locks = spawnSync('find', [machine.live, '-name', '*lock', '-perm', '/044'], { encoding: 'utf8' });
    expect(locks.stdout).toBe('');
  } finally {
    machine.dispose();
  }
});
