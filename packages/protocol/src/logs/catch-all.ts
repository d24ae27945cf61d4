/** Where the tree's own words go, and those of services that log nowhere else: a place that whoever starts the tree must know. */
import { constants, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { enlargePipe, ensureFifo } from '@muster/posix/fifo';

const SHARED_PIPE_SIZE = 1024 * 1024;

/** The directory of the log of what nobody else logs, in a live directory. */
export function catchAllOf(live: string): string {
  return join(live, 'catch-all');
}

/** A descriptor of the shared pipe to write to. */
export function openCatchAll(live: string): number {
  const path = sharedPipe(live);
  const pipe = openSync(path, constants.O_RDWR);
  enlargePipe(pipe, SHARED_PIPE_SIZE);
  return pipe;
}

/** Its path; it is made if it is missing. */
export function sharedPipe(live: string): string {
  mkdirSync(catchAllOf(live), { recursive: true, mode: 0o755 });
  const path = join(catchAllOf(live), 'pipe');
  ensureFifo(path, 0o600);
  return path;
}
