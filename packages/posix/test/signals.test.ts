import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { identityOf, isRunning, processFacts } from '@muster/posix/process';
import { sendGroupSignal, sendSignal, signalGroupOf, signalProcess, signalWhile } from '@muster/posix/signals';
import { afterEach, expect, test } from 'vitest';

const { SIGCONT, SIGTERM, SIGKILL } = constants.signals;
const PACKAGES = join(import.meta.dirname, '../..');

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
  child = undefined;
});

/** A process that leads a session, as daemons do. Resolves when it says so. */
async function started(words: readonly string[]): Promise<number> {
  const [program = '', ...args] = words;
  child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  await new Promise((resolve) => child!.stdout!.once('data', resolve));
  return child.pid!;
}

function ended(): Promise<NodeJS.Signals | null> {
  return new Promise((resolve) => child!.once('exit', (_, signal) => resolve(signal)));
}

const DAEMON = ['/bin/sh', '-c', 'echo; exec sleep 1000'];
/** Its main thread ends, and another one goes on. */
const HEADLESS = `
  const { dlopen } = require('bun:ffi');
  const worker = new Worker(URL.createObjectURL(new Blob(["postMessage('runs'); setInterval(() => {}, 1000)"])));
  worker.onmessage = () => {
    require('node:fs').writeSync(1, 'ready');
    dlopen('libc.so.6', { syscall: { args: ['i64', 'i64'], returns: 'i64' } }).symbols.syscall(
      process.arch === 'arm64' ? 93 : 60, 0);
  };`;

test.each([0, 1, -1, -2, 1.5, Number.NaN, 2 ** 22 + 1, 2 ** 32 - 1, 2 ** 32])('no signal goes to %s', (number) => {
  expect(() => sendSignal(number, SIGCONT)).toThrow('about to be sent');
  expect(() => sendGroupSignal(number, SIGCONT)).toThrow('about to be sent');
  expect(() => signalProcess({ pid: number, startTime: 0 }, SIGCONT)).toThrow('about to be sent');
  expect(() => signalGroupOf({ pid: number, startTime: 0 }, SIGCONT)).toThrow('about to be sent');
  expect(() => signalWhile(number, () => true, SIGCONT)).toThrow('about to be sent');
});

test('no signal goes to the group that this process is in', () => {
  const group = processFacts(process.pid)!.group;
  expect(() => sendGroupSignal(group, SIGCONT)).toThrow('its own');
});

test('a pid that belongs to another process by now gets no signal', async () => {
  const pid = await started(DAEMON);
  const identity = identityOf(pid)!;
  const earlier = { pid, startTime: identity.startTime - 1 };
  expect(signalProcess(earlier, SIGKILL)).toBe(false);
  expect(signalGroupOf(earlier, SIGKILL)).toBe(false);
  expect(signalWhile(pid, () => false, SIGKILL)).toBe(false);
  const end = ended();
  expect(signalProcess(identity, SIGTERM)).toBe(true);
  // KILL would have come first.
  expect(await end).toBe('SIGTERM');
});

test('a group gets a signal through its leader, whoever the leader is', async () => {
  const pid = await started(DAEMON);
  const end = ended();
  expect(signalGroupOf(identityOf(pid)!, SIGTERM)).toBe(true);
  expect(await end).toBe('SIGTERM');
});

test('a process whose main thread has ended runs as long as another thread does', async () => {
  const pid = await started([process.execPath, '-e', HEADLESS]);
  const { startTime } = identityOf(pid)!;
  const mainThread = () => readFileSync(`/proc/${pid}/task/${pid}/stat`, 'latin1').split(') ').at(-1)![0];
  while (mainThread() !== 'Z') await new Promise((resolve) => setImmediate(resolve));
  expect(isRunning(pid, startTime)).toBe(true);
  expect(processFacts(pid)).toMatchObject({ zombie: false, startTime });
  const end = ended();
  expect(signalProcess({ pid, startTime }, SIGKILL)).toBe(true);
  expect(await end).toBe('SIGKILL');
  expect(isRunning(pid, startTime)).toBe(false);
});

test('every signal that Muster sends goes through one file', () => {
  const others = readdirSync(PACKAGES).flatMap((name) => sourcesOf(join(PACKAGES, name, 'src')));
  expect(others.length).toBeGreaterThan(100);
  const sending = others.filter((path) =>
    /\bprocess\.kill\b|\)\.kill\(|tgkill|SEND_SIGNAL/.test(readFileSync(path, 'utf8')),
  );
  expect(sending).toEqual([join(PACKAGES, 'posix/src/signals.ts')]);
});

function sourcesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(directory, name));
}
