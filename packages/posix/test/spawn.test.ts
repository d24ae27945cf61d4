import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFilesLimit } from '@muster/posix/limits';
import { Spawner } from '@muster/posix/spawn';
import { BOUNDED } from '@muster/posix/test/bounded';
import { outputOf, spawnerFor, type Way, waitFor } from '@muster/posix/test/started';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const WAYS: readonly Way[] = ['posix_spawn', 'native'];
const hasStrace = spawnSync('strace', ['-f', 'true'], BOUNDED).status === 0;
if (!hasStrace) console.log('skipped: counting system calls of a start, which needs strace');
const mayUnshare = spawnSync('unshare', ['-p', 'true'], BOUNDED).status === 0;
if (!mayUnshare) console.log('skipped: a child in a PID namespace of its own, which needs to be root');

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-spawn-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

test('what a child gets besides replaces what the environment has, however short its last entry is', () => {
  const inherited = Buffer.from('A_LONG_NAME=old\0OTHER=kept\0B=\0');
  const spawner = new Spawner(openFilesLimit(), inherited);
  const more = { environment: { A_LONG_NAME: 'new' } };
  const script = `printf '%s,%s,%s' "$A_LONG_NAME" "$OTHER" "\${B-unset}"`;
  expect(outputOf(spawner, root, script, more)).toBe('new,kept,');
});

describe.each(WAYS)('started with %s', (way) => {
  test('a child has its limit from the first moment on, and this process keeps its own', () => {
    const before = openFilesLimit();
    const spawner = spawnerFor(way, 777n);
    expect(outputOf(spawner, root, 'ulimit -Sn; ulimit -Hn')).toBe(`777\n${before.hard}\n`);
    expect(openFilesLimit()).toEqual(before);
  });

  test('a child leads a session, in its directory, with no signal blocked or ignored that was not before', () => {
    const facts = 'cut -d" " -f1,5,6 /proc/self/stat; echo $$; pwd; grep -E "^Sig(Blk|Ign)" /proc/self/status';
    const [ids = '', pid, directory, ...masks] = outputOf(spawnerFor(way), root, facts).split('\n');
    // The group and the session of what the shell started are the shell's.
    expect(ids.split(' ').slice(1)).toEqual([pid, pid]);
    expect(directory).toBe(root);
    expect(masks).toEqual(['SigBlk:\t0000000000000000', 'SigIgn:\t0000000000000000', '']);
  });

  test('a child has the descriptors that it is given, whichever numbers they have, and no other', () => {
    const spawner = spawnerFor(way);
    const files = ['a', 'b', 'c'].map((name) => {
      writeFileSync(join(root, name), '');
      return openSync(join(root, name), 'r');
    });
    // Among them those of all slots: where a descriptor waits that a child is to have under another number.
    const lowest = Math.max(3, files[0]! - 9);
    for (const first of [3, lowest, lowest + 1, lowest + 5, files[0]!, files[0]! + 1]) {
      const [a, b, c] = files as [number, number, number];
      const descriptors = [
        [a, first],
        [b, first + 1],
        [c, first + 2],
      ] as const;
      const script = `for n in ${first} ${first + 1} ${first + 2}; do readlink /proc/$$/fd/$n; done; ls /proc/$$/fd`;
      const [toA, toB, toC, ...open] = outputOf(spawner, root, script, { descriptors }).split('\n');
      expect([toA, toB, toC]).toEqual(['a', 'b', 'c'].map((name) => join(root, name)));
      const own = open.filter((number) => Number(number) > 2 && Number(number) < 10);
      expect(own).toEqual([first, first + 1, first + 2].filter((number) => number < 10).map(String));
    }
    for (const file of files) closeSync(file);
  });

  test('nothing that was put in the way of a child is left open here', () => {
    const spawner = spawnerFor(way);
    const file = openSync(join(root, 'held'), 'w');
    const holders = () =>
      readdirSync('/proc/self/fd').filter((number) => {
        const info = spawnSync('readlink', [`/proc/${process.pid}/fd/${number}`], BOUNDED);
        return info.stdout.toString().trim() === join(root, 'held');
      });
    outputOf(spawner, root, 'true', { descriptors: [[file, 7]] });
    expect(holders()).toEqual([String(file)]);
    closeSync(file);
  });

  test('why a child cannot be started is said, and no child is left', () => {
    const spawner = spawnerFor(way);
    const start = (path: string, directory = root) => {
      return () => spawner.spawn({ path, argv: [path], directory, descriptors: [] });
    };
    writeFileSync(join(root, 'plain'), '', { mode: 0o644 });
    writeFileSync(join(root, 'odd'), 'no program\n', { mode: 0o755 });
    expect(start('./nothing')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(start('/bin/true', join(root, 'nowhere'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(start('./plain')).toThrow(expect.objectContaining({ code: 'EACCES' }));
    expect(start('./odd')).toThrow(expect.objectContaining({ code: 'ENOEXEC' }));
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim();
    expect(children).toBe('');
  });

  test.skipIf(!mayUnshare)('a child in a PID namespace of its own is process 1 there, and the next one is not', () => {
    const spawner = spawnerFor(way);
    expect(outputOf(spawner, root, 'echo $$', { newPidNamespace: true })).toBe('1\n');
    expect(outputOf(spawner, root, 'echo $$')).not.toBe('1\n');
  });

  test('how it ended is told by wait as for any child', () => {
    const child = { path: '/bin/sh', argv: ['sh', '-c', 'exit 7'], directory: root, descriptors: [] };
    expect(waitFor(spawnerFor(way).spawn(child))).toBe(7 << 8);
  });
});

/** What the engine does meanwhile, for itself. */
const OF_THE_ENGINE = new Set(['futex', 'madvise', 'mmap', 'munmap', 'mprotect']);

/** System calls of a process that starts a child while it has `open` descriptors, and of that child before its exec. */
function callsWith(open: number): Readonly<Record<string, number>> {
  const trace = join(root, `trace.${open}`);
  const program = join(import.meta.dirname, 'start-one.ts');
  const words = ['-f', '-o', trace, process.execPath, program, String(open)];
  const ran = spawnSync('strace', words, BOUNDED);
  expect(ran.status, ran.stderr.toString()).toBe(0);
  const lines = readFileSync(trace, 'utf8').split('\n');
  const begin = lines.findIndex((line) => line.includes('begin: start'));
  const end = lines.findIndex((line) => line.includes('end: start'));
  const counts: Record<string, number> = {};
  for (const line of lines.slice(begin + 1, end)) {
    const call = /^\d+ +(\w+)\(/.exec(line)?.[1];
    if (call !== undefined && !OF_THE_ENGINE.has(call)) counts[call] = (counts[call] ?? 0) + 1;
  }
  return counts;
}

test.skipIf(!hasStrace)('a start makes the same few system calls however many descriptors are open', () => {
  const few = callsWith(10);
  expect(callsWith(2000)).toEqual(few);
  expect(few).toMatchObject({ close_range: 1, execve: 1, setsid: 1, chdir: 1 });
  const here = (few.dup3 ?? 0) + (few.rt_sigprocmask ?? 0) + (few.clone ?? 0) + (few.clone3 ?? 0);
  // Two descriptors into slots, out of them, and to the child's; the mask taken, given back here and in the child.
  expect(here).toBe(6 + 3 + 1);
});

test('no header is written to where anybody may write', () => {
  const places = mkdtempSync(join(root, 'tmp-'));
  const program = join(import.meta.dirname, 'start-one.ts');
  const ran = spawnSync(process.execPath, [program, '1'], { ...BOUNDED, env: { ...process.env, TMPDIR: places } });
  expect(ran.status, ran.stderr.toString()).toBe(0);
  expect(readdirSync(places)).toEqual([]);
});
