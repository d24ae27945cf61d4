/** A control group with a limit of processes, for whom the kernel shall have none to give. */
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

/** Where such groups are made; null: this machine, or this user, has no place for them. */
const place = findPlace();

export const pidsCgroupMissing =
  place === null ? 'no control group with a limit of processes can be made (root, a pids controller)' : null;

export class PidsCgroup {
  readonly #directory = mkdtempSync(join(place!, 'muster-test-'));

  /** Words in front of a command line that put it into this group. */
  readonly entering = ['sh', '-c', 'echo $$ >"$0" && exec "$@"', join(this.#directory, 'cgroup.procs')] as const;

  /** Threads count as processes do. */
  limit(processes: number | 'max'): void {
    writeFileSync(join(this.#directory, 'pids.max'), String(processes));
  }

  pids(): number[] {
    return readFileSync(join(this.#directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  }

  /** How often the kernel had none to give. */
  refusals(): number {
    return Number(/^max (\d+)/m.exec(readFileSync(join(this.#directory, 'pids.events'), 'utf8'))?.[1] ?? 0);
  }

  async remove(): Promise<void> {
    await eventually('nobody is in the control group any more', () => {
      for (const pid of this.pids()) process.kill(pid, 'SIGKILL');
      return this.pids().length === 0;
    });
    rmdirSync(this.#directory);
  }
}

function findPlace(): string | null {
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [type = '', , options = ''] = after.split(' ');
    if (type !== 'cgroup2' && !(type === 'cgroup' && options.split(',').includes('pids'))) continue;
    const root = before.split(' ')[4]!;
    const probe = join(root, `muster-probe-${process.pid}`);
    try {
      mkdirSync(probe);
    } catch {
      continue;
    }
    try {
      writeFileSync(join(probe, 'pids.max'), 'max');
      return root;
    } catch {
      // The controller is not enabled below.
    } finally {
      rmdirSync(probe);
    }
  }
  return null;
}
