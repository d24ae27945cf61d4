/** A file system that answers nobody: a FUSE mount without a program behind it. It hangs one service, not the tree. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { everyPid, processFacts } from '@muster/posix/process';
import { BOUNDED } from '@muster/posix/test/bounded';
import { eventually } from '@muster/posix/test/eventually';
import { embedded } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

interface Hung {
  readonly path: string;
  /** Whoever waits for it gets an error. */
  end(): void;
}

function hang(path: string): Hung | null {
  let device: number;
  try {
    device = openSync('/dev/fuse', 'r+');
  } catch {
    return null;
  }
  mkdirSync(path);
  const words = ['-i', '-t', 'fuse', '-o', 'fd=3,rootmode=40000,user_id=0,group_id=0', 'none', path];
  const mounted = spawnSync('mount', words, { ...BOUNDED, stdio: ['ignore', 'ignore', 'ignore', device] });
  const end = () => {
    spawnSync('umount', ['-l', path], BOUNDED);
    closeSync(device);
  };
  if (mounted.status === 0) return { path, end };
  closeSync(device);
  return null;
}

function hangingChildren(pid: number): number {
  return everyPid().filter((child) => processFacts(child)?.parent === pid && stateOf(child) === 'D').length;
}

function stateOf(pid: number): string | undefined {
  try {
    return /^State:\t(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  } catch {
    // It ended meanwhile.
    return undefined;
  }
}

let stage: Stage;
let hung: Hung | null;
beforeEach(() => {
  stage = new Stage(embedded);
  hung = hang(join(stage.rig.root, 'hung'));
  if (hung === null) console.log('skipped: no FUSE file system can be mounted here');
});
afterEach(async () => {
  hung?.end();
  await stage.down();
});

describe.each(['run', 'finish', 'ready-check'])('that the interpreter of %s is on', (program) => {
  test('holds up nobody else', async ({ skip }) => {
    if (hung === null) return skip();
    const { rig } = stage;
    rig.add('web', { files: { 'restart-delay': '0\n' } });
    rig.add('stuck', {
      run: 'exec sleep 1000',
      files: { down: '', [program]: `#!${hung.path}/interpreter\n`, 'timeout-finish': '200\n' },
    });
    if (program === 'run') writeFileSync(join(rig.directory('stuck'), 'run'), `#!${hung.path}/interpreter\n`);
    await stage.up('web', 'stuck');
    await rig.told('run', 'web');
    stage.svc('stuck', '-u');
    if (program !== 'run') await rig.told('run', 'stuck');
    if (program === 'finish') stage.svc('stuck', '-k');
    await eventually('it hangs', () => hangingChildren(stage.supervision.pid) === 1);
    rig.order('web', 'exit 1');
    await rig.told('run', 'web', 2);
    if (program !== 'finish') await stage.becomes('stuck', 'up,ready', 'true false');
    stage.svc('stuck', '-wD', '-d', '-k');
    expect(stage.stat('stuck', 'up')).toBe('false');
  });
});
