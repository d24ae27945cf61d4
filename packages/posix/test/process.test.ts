/** Other processes, as /proc shows them: also those that try to look like something else. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ancestors,
  commandLine,
  everyPid,
  hasOpen,
  hasOwnProc,
  identityOf,
  isAroundUs,
  isForkOf,
  isRunning,
  knownMembersOfSession,
  membersOfSession,
  openFiles,
  ownPid,
  pidNamespace,
  processAge,
  processFacts,
  realUser,
  workingDirectory,
} from '@muster/posix/process';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { BOUNDED } from './bounded.ts';
import { eventually } from './eventually.ts';
import { haveExecuted } from './processes.ts';

const root = mkdtempSync(join(tmpdir(), 'muster-process-'));
afterAll(() => rmSync(root, { recursive: true }));

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    for (const { pid } of membersOfSession(child.pid!)) if (pid !== child.pid) process.kill(pid, 'SIGKILL');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await ended;
  }
});

/** Leads a session. Its program may not have its words yet. */
function started(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): ChildProcess & { pid: number } {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], detached: true, ...options });
  children.push(child);
  return child as ChildProcess & { pid: number };
}

/** A shell that says the pid of something, and then becomes a process that reaps nobody. */
async function said(script: string): Promise<{ readonly parent: number; readonly pid: number }> {
  const child = started('/bin/sh', ['-c', `${script}; exec sleep 1000`]);
  const line = await new Promise<Buffer>((resolve) => child.stdout!.once('data', resolve));
  return { parent: child.pid, pid: Number(line.toString()) };
}

describe.each([
  ['blanks', 'a b  c'],
  ['parentheses', ') S 1 (x'],
  ['a newline', 'two\nlines'],
  ['what looks like the rest of its line', 'x) Z 1 1 1 0 -1'],
  ['a letter beyond ASCII', 'caf\u00e9 )'],
  ['fifteen bytes, and more', 'abcdefghijklmno) R 1'],
])('a program whose name has %s', (_, name) => {
  test('has the facts of its process', async () => {
    const program = join(root, name);
    copyFileSync('/bin/sleep', program);
    const child = started(program, ['1000']);
    await haveExecuted([child.pid], program);
    const facts = processFacts(child.pid)!;
    expect(facts).toMatchObject({
      parent: process.pid,
      group: child.pid,
      session: child.pid,
      zombie: false,
      stopped: false,
    });
    expect(facts.startTime).toBeGreaterThanOrEqual(processFacts(process.pid)!.startTime);
    expect(isRunning(child.pid, facts.startTime)).toBe(true);
    expect(isRunning(child.pid, facts.startTime + 1)).toBe(false);
    expect(commandLine(child.pid)).toEqual([program, '1000']);
    expect(ancestors(child.pid).slice(0, 2)).toEqual([child.pid, process.pid]);
  });
});

describe('a command line', () => {
  test.each([
    ['has words without anything in them', ['', 'a', '', '']],
    ['has words with newlines and blanks', ['a b', 'c\nd', '\t']],
    [
      'is longer than a page, and than many',
      Array.from({ length: 1000 }, (_, index) => `${index} ${'x'.repeat(1500)}`),
    ],
  ])('%s', async (_, words) => {
    const child = started('/bin/sh', ['-c', 'echo; read -r line', ...words]);
    await new Promise((resolve) => child.stdout!.once('data', resolve));
    expect(commandLine(child.pid)).toEqual(['/bin/sh', '-c', 'echo; read -r line', ...words]);
  });

  test('of a kernel thread is not there', () => {
    const threads = everyPid().filter((pid) => processFacts(pid)?.parent === 2);
    for (const pid of threads) expect(commandLine(pid)).toBe(null);
    // In a container there are none to be seen.
    if (threads.length === 0) console.log('no kernel thread can be seen here');
    expect(everyPid()).toContain(process.pid);
  });
});

describe('a zombie', () => {
  test('does not run, has a status, and shows nothing else', async () => {
    // It ends when its parent is one that reaps nobody: the shell that started it might.
    const script = 'until read -r name <"/proc/$PPID/comm" && [ "$name" = sleep ]; do :; done; exit 3';
    const { parent, pid } = await said(`sh -c '${script}' & echo $!`);
    await eventually('it has ended', () => processFacts(pid)?.zombie);
    const facts = processFacts(pid)!;
    expect(facts).toMatchObject({ parent, zombie: true, session: parent });
    // Whoever may not trace it sees 0.
    expect(facts.exitStatus).toBe(process.geteuid!() === 0 ? 3 << 8 : 0);
    expect(isRunning(pid, facts.startTime)).toBe(false);
    expect(identityOf(pid)).toEqual({ pid, startTime: facts.startTime });
    expect(commandLine(pid)).toBe(null);
    expect(openFiles(pid)).toEqual([]);
    expect(workingDirectory(pid)).toBe(null);
    expect(membersOfSession(parent).map((member) => member.pid)).toEqual([parent]);
  });

  test('that a signal ended has the signal as its status', async () => {
    const { parent, pid } = await said('sleep 1000 & echo $!');
    await haveExecuted([parent], 'sleep');
    process.kill(pid, 'SIGKILL');
    await eventually('it has ended', () => processFacts(pid)?.zombie);
    expect(processFacts(pid)!.exitStatus).toBe(process.geteuid!() === 0 ? 9 : 0);
  });
});

describe('a process that is gone', () => {
  test('has no facts, and is none of anybody’s', async () => {
    const child = started('/bin/true', []);
    const { pid } = child;
    await new Promise((resolve) => child.once('exit', resolve));
    expect(processFacts(pid)).toBe(null);
    expect(identityOf(pid)).toBe(null);
    expect(processAge(pid)).toBe(null);
    expect(commandLine(pid)).toBe(null);
    expect(realUser(pid)).toBe(null);
    expect(workingDirectory(pid)).toBe(null);
    expect(openFiles(pid)).toEqual([]);
    expect(hasOpen(pid, '/')).toBe(false);
    expect(ancestors(pid)).toEqual([]);
    expect(membersOfSession(pid)).toEqual([]);
    expect(isRunning(pid, 0)).toBe(false);
    expect(isForkOf(pid)).toBe(false);
    expect(everyPid()).not.toContain(pid);
  });

  test('is told from one that nothing can be known of', () => {
    expect(() => processFacts(Number.NaN)).not.toThrow();
    expect(processFacts(2 ** 31)).toBe(null);
  });
});

/** Its main thread ends; the other one goes on in a directory, with a file open. */
const HEADLESS = `
  const { dlopen } = require('bun:ffi');
  const worker = new Worker(URL.createObjectURL(new Blob(["postMessage('runs'); setInterval(() => {}, 1000)"])));
  require('node:fs').openSync(process.argv[1], 'w');
  worker.onmessage = () => {
    require('node:fs').writeSync(1, 'ready');
    dlopen('libc.so.6', { syscall: { args: ['i64', 'i64'], returns: 'i64' } }).symbols.syscall(
      process.arch === 'arm64' ? 93 : 60, 0);
  };`;

test('a process whose main thread has ended shows what the other threads show', async () => {
  const file = join(root, 'open');
  const child = started(process.execPath, ['-e', HEADLESS, file], { cwd: root });
  await new Promise((resolve) => child.stdout!.once('data', resolve));
  await eventually('its main thread has ended', () => {
    try {
      readlinkSync(`/proc/${child.pid}/cwd`);
      return false;
    } catch {
      return true;
    }
  });
  expect(processFacts(child.pid)).toMatchObject({ zombie: false, session: child.pid });
  expect(workingDirectory(child.pid)).toBe(root);
  expect(commandLine(child.pid)).toEqual([process.execPath, '-e', HEADLESS, file]);
  expect(hasOpen(child.pid, file)).toBe(true);
});

test('who is stopped is seen to be stopped, and runs all the same', async () => {
  const child = started('/bin/sleep', ['1000']);
  child.kill('SIGSTOP');
  await eventually('it is stopped', () => processFacts(child.pid)?.stopped);
  expect(isRunning(child.pid, identityOf(child.pid)!.startTime)).toBe(true);
  child.kill('SIGCONT');
  await eventually('it goes on', () => processFacts(child.pid)?.stopped === false);
});

test('a session has its members, and who left it is none of them', async () => {
  const { parent, pid } = await said('setsid sleep 1001 & sleep 1002 & echo $!');
  const members = await eventually('both have executed', () => {
    const found = membersOfSession(parent);
    return found.length === 2 && found.every(({ isProgram }) => isProgram) && found;
  });
  expect(members.map((member) => member.pid).sort((a, b) => a - b)).toEqual([parent, pid]);
  expect(members.map((member) => member.group)).toEqual([parent, parent]);
  await eventually('a look at all of them knows it too', () => knownMembersOfSession(parent).length === 2);
  const left = await eventually('who left has executed', () =>
    everyPid().find((each) => commandLine(each)?.[1] === '1001'),
  );
  expect(processFacts(left)!.session).toBe(left);
  process.kill(left, 'SIGKILL');
  process.kill(pid, 'SIGKILL');
});

test('a descriptor is found by its path, a link to it is not', () => {
  const file = join(root, 'a file');
  symlinkSync('a file', join(root, 'link'));
  const child = started('/bin/sh', ['-c', 'exec 3>"$1"; echo; read -r line', 'sh', file]);
  return new Promise<void>((resolve) => {
    child.stdout!.once('data', () => {
      expect(hasOpen(child.pid, file)).toBe(true);
      expect(hasOpen(child.pid, join(root, 'link'))).toBe(false);
      expect(openFiles(child.pid)).toContain(`/proc/${child.pid}/fd/3`);
      resolve();
    });
  });
});

test('who began a process is told, and who is above this one', async () => {
  expect(realUser(process.pid)).toBe(process.getuid!());
  expect(isAroundUs(process.ppid)).toBe(true);
  const child = started('/bin/sleep', ['1000']);
  await haveExecuted([child.pid], '/bin/sleep');
  expect(isAroundUs(child.pid)).toBe(false);
  expect(isForkOf(child.pid)).toBe(false);
  expect(processAge(child.pid)!).toBeLessThanOrEqual(processAge(process.pid)!);
});

describe('in a PID namespace', () => {
  const here = join(import.meta.dirname, 'facts-here.ts');
  const entered = (...options: string[]) =>
    spawnSync('unshare', ['--pid', '--fork', '--kill-child', ...options, process.execPath, here, 'a word'], {
      ...BOUNDED,
      encoding: 'utf8',
    });
  const isForbidden = spawnSync('unshare', ['--pid', '--fork', 'true']).status !== 0;

  test.skipIf(isForbidden)('with a /proc of its own numbers are those of the namespace', () => {
    const facts = JSON.parse(entered('--mount-proc').stdout);
    expect(facts).toMatchObject({ pid: 1, own: 1, hasOwnProc: true, runs: true, words: [here, 'a word'] });
    expect(facts.namespace).not.toBe(pidNamespace());
    expect(facts.namespace).toMatch(/^pid:\[\d+\]$/);
  });

  test.skipIf(isForbidden)('without one they are those of the namespace around it', () => {
    const facts = JSON.parse(entered().stdout);
    expect(facts).toMatchObject({ pid: 1, hasOwnProc: false, runs: true, words: [here, 'a word'] });
    expect(facts.own).toBeGreaterThan(1);
    // Who may not ask process 1 cannot know; then its own would be a wrong answer.
    expect(['', pidNamespace()]).toContain(facts.namespace);
  });

  if (isForbidden) console.log('skipped: PID namespaces, which this user may not make');

  test('this process finds itself', () => {
    expect(ownPid()).toBe(process.pid);
    expect(hasOwnProc()).toBe(true);
    expect(pidNamespace()).toMatch(/^pid:\[\d+\]$/);
  });
});
