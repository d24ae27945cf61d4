/** Who may read a log. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RotatedLog } from '@muster/tree/logger/rotated-log';
import { expect, test } from 'vitest';

test.each([
  [0o640, 0o750],
  [0o644, 0o755],
  [0o600, 0o700],
])('files of %o are in a new directory for the same people', (mode, ofDirectory) => {
  const root = mkdtempSync(join(tmpdir(), 'muster-mode-'));
  try {
    const directory = join(root, 'log');
    new RotatedLog(directory, { size: 4096, keep: 2, mode }).close();
    expect([directory, join(directory, 'current')].map((path) => statSync(path).mode & 0o777)).toEqual([
      ofDirectory,
      mode,
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
