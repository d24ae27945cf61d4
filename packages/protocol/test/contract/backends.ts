/** The supervisors that the contract suite runs on. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { isListenedTo, supervisorOf } from '@muster/posix/test/supervisor-of';

export interface Supervision {
  readonly pid: number;
  /** What it wrote to its standard error. */
  messages(): string;
  /** Exit status, or signal. */
  readonly ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
}

export interface Backend {
  readonly name: string;
  /** Why it cannot be tested here; null: it can. */
  readonly missing: string | null;
  /** Supervises `scandir`; resolves when its services are about to be started. */
  start(scandir: string): Promise<Supervision>;
}

const MAIN = join(import.meta.dirname, '../../../cli/src/main.ts');

/** Arguments that run a Muster command from its sources. */
export function musterCommand(...args: string[]): [string, string[]] {
  return [process.execPath, [MAIN, ...args]];
}

export const embedded: Backend = embeddedWith();

/** The embedded tree with options of its own. */
export function embeddedWith(...options: string[]): Backend {
  return {
    name: 'rc-svscan',
    missing: null,
    start: (scandir) => supervise(...musterCommand('svscan', ...options, scandir), scandir),
  };
}

export const s6Backend: Backend = {
  name: 's6-svscan',
  missing: installed('s6-svscan') ? null : "Debian's s6 is not installed",
  start: (scandir) => supervise('s6-svscan', [scandir], scandir),
};

export function usable(backends: readonly Backend[]): Backend[] {
  return backends.filter(({ name, missing }) => {
    if (missing !== null) console.log(`skipped on ${name}: ${missing}`);
    return missing === null;
  });
}

/** s6's clients, which the suite talks through. */
export const toolsMissing = installed('s6-svc') ? null : "s6's tools are not installed";

/** Runs `program`, which supervises `scandir`. */
export async function supervise(program: string, args: string[], scandir: string): Promise<Supervision> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let messages = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages += text;
  });
  child.stdout.resume();
  const ended = end(child);
  const listens = () => {
    const directory = join(scandir, '.s6-svscan');
    return supervisorOf(join(directory, 'lock')) !== null && isListenedTo(join(directory, 'control'));
  };
  await eventually(`${program} listens`, () => listens() || child.exitCode !== null);
  return { pid: child.pid!, messages: () => messages, ended, kill: (signal) => child.kill(signal) };
}

function end(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown')));
}

function installed(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}
