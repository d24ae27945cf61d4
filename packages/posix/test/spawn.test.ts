import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { originalOpenFilesLimit } from '@muster/posix/limits';
import { Spawner } from '@muster/posix/spawn';
import { expect, test, vi } from 'vitest';

test('what a child gets besides replaces what the environment has, however short its last entry is', async () => {
  const root = mkdtempSync(join(tmpdir(), 'muster-spawn-'));
  const output = join(root, 'output');
  const inherited = Buffer.from('A_LONG_NAME=old\0OTHER=kept\0B=\0');
  new Spawner(originalOpenFilesLimit(), inherited).spawn({
    path: '/bin/sh',
    argv: ['sh', '-c', `printf '%s,%s,%s' "$A_LONG_NAME" "$OTHER" "\${B-unset}" >output`],
    directory: root,
    descriptors: [],
    environment: { A_LONG_NAME: 'new' },
  });
  await vi.waitFor(() => expect(readFileSync(output, 'utf8')).toBe('new,kept,'), { timeout: 120_000, interval: 5 });
  rmSync(root, { recursive: true });
});
