/** A tree whose control FIFO is gone is told to end all the same. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { musterCommand } from '@muster/protocol/test/contract/backends';
import type { Live } from '@muster/store/live/open';
import { livePaths } from '@muster/store/live/paths';
import { endTree } from '@muster/supervisors/embedded/end';
import { isTreeRunning } from '@muster/supervisors/embedded/start';
import { afterEach, beforeEach, expect, test } from 'vitest';

let live: Live;
beforeEach(() => {
  const paths = livePaths(mkdtempSync(join(tmpdir(), 'muster-end-')));
  mkdirSync(paths.scan);
  const backend = { kind: 'embedded', scandir: paths.scan, prefix: '' };
  const file = join(paths.root, 'db');
  live = {
    paths,
    generation: '',
    databasePath: file,
    statePath: file,
    instancesPath: file,
    instanceStatePath: file,
    backend,
    outlived: null,
  };
});
afterEach(() => rmSync(live.paths.root, { recursive: true }));

test.each([
  ['nothing', () => {}],
  ['a file', (path: string) => writeFileSync(path, '')],
  ['a directory', (path: string) => mkdirSync(path)],
])('%s in the place of the FIFO', async (_, put) => {
  const { scan } = live.paths;
  const tree = spawn(...musterCommand('svscan', scan), { stdio: 'ignore' });
  const ended = new Promise((resolve) => tree.once('exit', (code, signal) => resolve({ code, signal })));
  try {
    await eventually('the tree', () => isTreeRunning(scan));
    rmSync(join(scan, '.s6-svscan/control'));
    put(join(scan, '.s6-svscan/control'));
    await eventually('the end of the tree', endTree(live));
    // By itself, once everything was down.
    expect(await ended).toEqual({ code: 0, signal: null });
  } finally {
    tree.kill('SIGKILL');
  }
});
