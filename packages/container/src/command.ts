/**
 * The program that the container was started for, with the container's standard input, terminal, environment and working directory.
 * It leads a process group in this session, so that the terminal can be its own.
 */
import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SystemError } from '@muster/posix/libc';
import type { Limit } from '@muster/posix/limits';
import { copyDescriptor } from '@muster/posix/pipe';
import { programPath } from '@muster/posix/program-path';
import { Spawner } from '@muster/posix/spawn';
import { giveKeyboardTo, isTerminal } from '@muster/posix/terminal';
import type { CompanionHost } from '@muster/tree/tree';
import type { Environment } from './environment.ts';

const CONTINUE = 18;
/** As a shell has it. */
const [NOT_EXECUTABLE, NOT_FOUND] = [126, 127];
/** The least number for a copy of the container's standard input: what is below may be meant for children. */
const OUT_OF_THE_WAY = 10;

/** The container's standard input, kept for the command; services have nothing to read. */
export function keepStandardInput(): number {
  const input = copyDescriptor(0, OUT_OF_THE_WAY);
  closeSync(0);
  // The lowest number that is free, which is 0.
  openSync('/dev/null', constants.O_RDONLY);
  return input;
}

export interface CommandProblem {
  readonly status: number;
  readonly message: string;
}

export class ContainerCommand {
  readonly #host: CompanionHost;
  #pid: number | null = null;

  constructor(host: CompanionHost) {
    this.#host = host;
  }

  get isRunning(): boolean {
    return this.#pid !== null;
  }

  /** `ended`: with its wait status. Null means that it runs. */
  start(
    words: readonly string[],
    { environment, input, limit }: { readonly environment: Environment; readonly input: number; readonly limit: Limit },
    ended: (waitStatus: number | null) => void,
  ): CommandProblem | null {
    const name = words[0]!;
    const path = name.includes('/') ? resolve(name) : programPath(name, environment.get('PATH') ?? '');
    if (path === null) return notStarted(name, isThere(name, environment.get('PATH') ?? '') ? 'EACCES' : 'ENOENT');
    const spawner = new Spawner(limit, environment.bytes());
    const descriptors = [[input, 0]] as const;
    let pid: number;
    try {
      pid = spawner.spawn({ path, argv: words, directory: process.cwd(), descriptors, staysInSession: true });
    } catch (error) {
      if (error instanceof SystemError) return notStarted(path, error.code);
      throw error;
    }
    this.#pid = pid;
    this.#host.processes.take(pid, (waitStatus) => {
      this.#pid = null;
      ended(waitStatus);
    });
    // Before it was given the keyboard it may have tried to read it, for which the kernel stops it.
    if (isTerminal(input) && giveKeyboardTo(input, pid)) this.#host.processes.signalGroup(pid, CONTINUE);
    return null;
  }

  signal(signal: number): void {
    if (this.#pid !== null) this.#host.processes.signal(this.#pid, signal);
  }

  signalGroup(signal: number): void {
    if (this.#pid !== null) this.#host.processes.signalGroup(this.#pid, signal);
  }
}

function isThere(name: string, path: string): boolean {
  return path.split(':').some((directory) => {
    try {
      accessSync(join(resolve(directory), name), constants.F_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function notStarted(path: string, code: string): CommandProblem {
  const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
  const why = isMissing ? 'it is not there, or its interpreter is not' : `it cannot be executed (${code})`;
  return { status: isMissing ? NOT_FOUND : NOT_EXECUTABLE, message: `${path}: ${why}` };
}
