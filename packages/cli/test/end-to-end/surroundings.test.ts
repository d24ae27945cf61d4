/** What stands around a command must not decide what it does: the directory it runs in, and who reads its output. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOUNDED } from '@muster/posix/test/bounded';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Machine } from './machine.ts';
import { statusOf } from './seen-by-commands.ts';

describe('a command', () => {
  let machine: Machine;

  beforeEach(() => {
    machine = new Machine(join(import.meta.dirname, 'sources/pair'), () => ({}));
    machine.must('rc-compile', machine.source, machine.compiled);
  });
  afterEach(() => machine.dispose());

  /** In front of a command line: descriptor 5 is a pipe that nobody reads. */
  const unread = 'mkfifo "$RC_SOURCE.pipe"; exec 4<>"$RC_SOURCE.pipe" 5>"$RC_SOURCE.pipe" 4<&-; rm "$RC_SOURCE.pipe"; ';
  const shell = (script: string, cwd = '/') =>
    spawnSync('sh', ['-c', script], { ...BOUNDED, env: machine.environment, cwd, encoding: 'utf8' });

  test('runs nothing and reads no variables from the directory that it is called in', () => {
    const here = join(machine.directory, 'here');
    mkdirSync(here);
    writeFileSync(join(here, 'bunfig.toml'), 'preload = ["./harm.js"]\n');
    writeFileSync(join(here, 'harm.js'), 'process.exit(42);\n');
    writeFileSync(join(here, '.env'), 'RC_COMPILED=/nonexistent/compiled\n');
    const { status, stdout } = shell('unset RC_COMPILED; exec rc-db list -c ../compiled', here);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'base\nupper\n' });
    expect(shell('unset RC_COMPILED; exec rc-init', here).stderr).not.toContain('/nonexistent');
  });

  test('that changes something does all of it, though nobody reads what it says', () => {
    machine.must('rc-init');
    expect(shell(`${unread} exec rc-change --json upper >&5 2>&5`).status).toBe(0);
    expect([...statusOf(machine).values()].map(({ state }) => state)).toEqual(['up', 'up']);
    expect(shell(`${unread} exec rc-change -d base 2>&5`).status).toBe(0);
    expect([...statusOf(machine).values()].map(({ state }) => state)).toEqual(['down', 'down']);
  });

  test('that answers ends quietly when nobody reads the answer, and says so when it cannot be written', () => {
    expect(shell(`${unread} exec rc-db dump --json >&5`)).toMatchObject({ status: 0, stderr: '' });
    machine.must('rc-init');
    expect(shell(`${unread} exec timeout 10 rc-status --watch >&5`)).toMatchObject({ status: 0, stderr: '' });
    const full = shell('exec rc-db dump --json >/dev/full');
    expect(full).toMatchObject({
      status: 111,
      stderr: 'rc-db: write to standard output: no space left on the device (ENOSPC)\n',
    });
  });
});
