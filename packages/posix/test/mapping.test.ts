/** Files as shared memory. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mapFile } from '@muster/posix/mapping';
import { afterEach, beforeEach, expect, test } from 'vitest';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-'));
  path = join(directory, 'file');
  writeFileSync(path, 'before');
});
afterEach(() => {
  // Lazily: what is mapped keeps the file system busy.
  spawnSync('umount', ['-l', directory]);
  rmSync(directory, { recursive: true });
});

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

function overwrite(): void {
  spawnSync('sh', ['-c', `printf after1 | dd of='${path}' conv=notrunc status=none`]);
}

test('what others write shows at once', () => {
  const { bytes } = mapFile(path);
  expect(text(bytes)).toBe('before');
  overwrite();
  expect(text(bytes)).toBe('after1');
});

test('the path is taken as it is, with a backslash as systemd writes them', () => {
  const escaped = join(directory, 'a\\x2db');
  writeFileSync(escaped, 'escaped');
  expect(text(mapFile(escaped).bytes)).toBe('escaped');
});

/** Root may write whatever its mode says; only a file system can keep it from that. */
function forbidWriting(): boolean {
  if (process.getuid?.() !== 0) {
    chmodSync(path, 0o444);
    return true;
  }
  const bound = spawnSync('mount', ['--bind', directory, directory]).status === 0;
  return bound && spawnSync('mount', ['-o', 'remount,bind,ro', directory]).status === 0;
}

test('a file that may only be read can be looked at all the same', (context) => {
  if (!forbidWriting()) {
    console.log('skipped: a file that root may not write, since nothing can be mounted here');
    context.skip();
  }
  expect(() => writeFileSync(path, 'x')).toThrow();
  expect(text(mapFile(path).bytes)).toBe('before');
});
