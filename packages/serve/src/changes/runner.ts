/**
 * Carrying changes out: each is a process of its own, which is no child of the server's for long and goes on without it. The
 * shell around the command writes down that it has begun, so that no second one does, and how the command ended.
 */
import { spawn } from 'node:child_process';
import { signalProcess } from '@muster/posix/signals';
import type { AskedChange, KeptChanges } from './kept-changes.ts';

const TERM = 15;

/** `$1` is the directory of the change, and what follows the command. A process's 22nd field is when it started. */
const CARRY_OUT = `
umask 077
cd "$1" && mkdir started 2>/dev/null || exit 0
echo $$ >started/shell
shift
"$@" >events 2>said </dev/null &
started=$(sed 's/.*) //' /proc/$!/stat | cut -d ' ' -f 20)
echo "$! $started" >pid.new && mv pid.new pid
wait $!
echo $? >exit.new && mv exit.new exit`;

export class Runner {
  readonly #kept: KeptChanges;
  readonly #muster: string;

  /** `muster`: the path of the executable. */
  constructor(kept: KeptChanges, muster: string) {
    this.#kept = kept;
    this.#muster = muster;
  }

  start({ id, argv }: AskedChange): void {
    const words = ['-c', CARRY_OUT, 'sh', this.#kept.directoryOf(id), this.#muster, ...argv];
    // In a session of its own: what ends the server does not end it.
    spawn('/bin/sh', words, { detached: true, stdio: 'ignore', cwd: '/' }).unref();
  }

  /** What an earlier server wrote down and did not come to begin. */
  startWaiting(): void {
    for (const change of this.#kept.all().reverse()) if (change.state === 'waiting') this.start(change);
  }

  /** Nothing more is begun; what is under way ends. False if it does not run. */
  cancel(id: string): boolean {
    const command = this.#kept.processOf(id);
    return command !== null && signalProcess(command, TERM);
  }
}
