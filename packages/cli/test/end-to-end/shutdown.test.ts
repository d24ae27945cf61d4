/** rc-shutdown leaves no process and no file, whatever the daemons and the live directory are like. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Machine } from './machine.ts';
import { statusOf } from './seen-by-commands.ts';

describe('rc-shutdown', () => {
  let machine: Machine;

  beforeEach(async () => {
    machine = new Machine(join(import.meta.dirname, 'sources/stubborn'), () => ({}));
    machine.must('rc-compile', machine.source, machine.compiled);
    machine.must('rc-init');
    machine.must('rc-change', 'deaf', 'polite');
    // Another command that still waits: it would start a killed tree again.
    spawn('rc-change', ['hangs'], { env: machine.environment, stdio: 'ignore' });
    await eventually('the script runs', () => statusOf(machine).get('hangs')!.state === 'starting');
  });
  afterEach(() => {
    if (existsSync(machine.live)) machine.run('rc-shutdown', '-t', '1');
    machine.dispose();
  });

  const nothingIsLeft = () => {
    expect(machine.processes()).toEqual([]);
    expect(readdirSync(machine.directory).sort()).toEqual(['compiled', 'source']);
  };

  test('kills what is not down when its time is over', () => {
    const { status, stderr } = machine.run('rc-shutdown', '-t', '5s');
    expect(status).toBe(1);
    expect(stderr).toMatch(/failed +deaf +stop timed out/);
    expect(stderr).toMatch(/down +polite/);
    nothingIsLeft();
  });

  test('asks another command to end, which says for whom, before it kills anything', async () => {
    const other = spawn('rc-change', ['hangs'], { env: machine.environment, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    other.stderr.on('data', (text) => {
      said += text;
    });
    const ended = new Promise((resolve) => {
      other.on('close', (status, signal) => resolve([status, signal]));
    });
    await eventually('it waits for the first one', () => said.includes('waiting'));
    const shutdown = spawn('rc-shutdown', ['-t', '5s'], { env: machine.environment, stdio: 'ignore' });
    const { pid } = shutdown;
    expect(await ended).toEqual([1, null]);
    // Whichever it notices first: the signal, or what is wanted now.
    expect(said).toMatch(new RegExp(`rc-shutdown \\(pid ${pid}\\)|process ${pid} has asked for the opposite`));
    await eventually('the end of the live directory', () => !existsSync(machine.live));
  });

  test('several at once: one does the work, the others wait for it', async () => {
    const all = Array.from({ length: 4 }, () => {
      const command = spawn('rc-shutdown', ['-t', '5s'], { env: machine.environment, stdio: 'ignore' });
      return new Promise((resolve) => {
        command.on('close', (status, signal) => resolve(status ?? signal));
      });
    });
    const statuses = await Promise.all(all);
    // The one that does the work had to kill something.
    expect(statuses.sort()).toEqual([0, 0, 0, 1]);
    nothingIsLeft();
  });

  test('needs neither records nor FIFOs nor lock nor names', () => {
    const { live } = machine;
    truncateSync(join(live, 'db/state'), 70);
    for (const gone of ['lock', 'changes', 'services/deaf', 'scan/.s6-svscan']) {
      rmSync(join(live, gone), { recursive: true });
    }
    writeFileSync(join(live, 'journal'), 'garbage');
    const { status, stderr } = machine.run('rc-shutdown');
    expect(status).toBe(1);
    expect(stderr).toContain('ended by force');
    nothingIsLeft();
  });
});

test('a damaged live directory is a diagnostic, never a stack trace', () => {
  const machine = new Machine(join(import.meta.dirname, 'sources/pair'), () => ({}));
  try {
    machine.must('rc-compile', machine.source, machine.compiled);
    machine.must('rc-init');
    writeFileSync(join(machine.live, 'journal'), '{"version":1}');
    for (const [command, ...args] of [['rc-change', 'base'], ['rc-update']]) {
      const { status, stderr } = machine.run(command!, ...args);
      expect(status, command).toBe(4);
      expect(stderr, command).toContain('error[RC3004]: this is not the journal of an update');
    }
    writeFileSync(join(machine.live, 'db/state'), new Uint8Array(64 + 2 * 64).fill(7));
    for (const [command, ...args] of [
      ['rc-status'],
      ['rc-status', '--json'],
      ['rc-diff'],
      ['rc-change', '-n', 'base'],
    ]) {
      const { status, stderr } = machine.run(command!, ...args);
      expect(status, command).toBe(4);
      expect(stderr, command).toContain('error[RC3004]');
    }
  } finally {
    machine.dispose();
  }
});

test('rc-shutdown takes nothing away that is no live directory', () => {
  const machine = new Machine(join(import.meta.dirname, 'sources/pair'), () => ({}));
  try {
    const other = machine.source;
    expect(machine.run('rc-shutdown', '-l', other).status).toBe(4);
    mkdirSync(join(other, 'services'));
    expect(machine.run('rc-shutdown', '-l', other).status).toBe(4);
    expect(readdirSync(other).sort()).toEqual(['base', 'services', 'upper']);
  } finally {
    machine.dispose();
  }
});
