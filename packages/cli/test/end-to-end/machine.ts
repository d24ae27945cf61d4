/**
 * A machine of a test's own: a directory in RAM with a copy of a source, and the built commands, which find source,
 * compiled database and live directory there. `dispose` takes it down, and whatever a failing test left running with it.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BOUNDED } from '@muster/posix/test/bounded';
import { processesWith } from '@muster/posix/test/processes';
import { copySync } from 'fs-extra/esm';
import { makeRamDirectory } from './ram.ts';

export const ROOT = join(import.meta.dirname, '../../../..');

/** Set to its directory in everything that a machine runs. */
const MARK = 'MUSTER_TEST_MACHINE';

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Machine {
  readonly directory = makeRamDirectory().path;
  readonly source = join(this.directory, 'source');
  readonly compiled = join(this.directory, 'compiled');
  readonly live = join(this.directory, 'live');
  readonly environment: Record<string, string>;

  constructor(source: string, environment: (directory: string) => Record<string, string>) {
    // Daemons that run as other users must get through.
    chmodSync(this.directory, 0o755);
    copySync(source, this.source);
    this.environment = {
      ...(process.env as Record<string, string>),
      PATH: `${join(ROOT, 'build')}:${process.env.PATH}`,
      RC_SOURCE: this.source,
      RC_COMPILED: this.compiled,
      RC_LIVE: this.live,
      [MARK]: this.directory,
      ...environment(this.directory),
    };
  }

  run(command: string, ...args: string[]): Answer {
    const { status, stdout, stderr } = spawnSync(command, args, {
      ...BOUNDED,
      env: this.environment,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  /** The answer of a command that must succeed; its complaint is the failure of the test. */
  must(command: string, ...args: string[]): string {
    const { status, stdout, stderr } = this.run(command, ...args);
    if (status === 0) return stdout;
    throw new Error(`${[command, ...args].join(' ')} exited with ${status}\n${stdout}${stderr}`);
  }

  processes(): { pid: number; command: string }[] {
    return processesWith(MARK, this.directory);
  }

  dispose(): void {
    if (existsSync(this.live)) this.run('rc-shutdown', '-t', '5s');
    // Until there are none: some start others again.
    for (let left = this.processes(); left.length > 0; left = this.processes()) {
      for (const { pid } of left) killIfThere(pid);
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself since it was found.
  }
}
