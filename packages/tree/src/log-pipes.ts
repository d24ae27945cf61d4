/**
 * Pipes from services to the loggers in their `log/`. They are FIFOs on disk, so that a later life of the tree finds them
 * again. Such a pipe has one producer: the service has its end open for reading too, so that it is not killed by SIGPIPE when
 * tree and logger are away at once, and could read nothing but its own lines. The logger has an end to read from.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePipe, makePipesDirectory } from '@muster/posix/producer-pipe';
import type { ServiceStreams } from './service/streams.ts';

interface Ends {
  readonly write: number;
  readonly read: number;
}

export class LogPipes {
  readonly #open = new Map<string, Ends>();

  constructor(readonly directory: string) {
    makePipesDirectory(directory);
  }

  /** For `name`, which is `NAME` or `NAME/log`. Throws SystemError or ErrnoException. */
  open(name: string): void {
    const service = loggedBy(name);
    if (this.#open.has(service)) return;
    const path = join(this.directory, service);
    ensurePipe(path);
    const write = openSync(path, constants.O_RDWR);
    try {
      this.#open.set(service, { write, read: openSync(path, constants.O_RDONLY) });
    } catch (error) {
      closeSync(write);
      throw error;
    }
  }

  /** What `name` (`NAME` or `NAME/log`) reads and writes. */
  streams(name: string): ServiceStreams {
    const logged = loggedBy(name);
    const ends = this.#open.get(logged);
    if (ends === undefined) return {};
    return logged === name ? { stdout: ends.write } : { stdin: ends.read };
  }

  /** The logger reads the end of the file when the service's processes are gone too. */
  close(service: string): void {
    const ends = this.#open.get(service);
    if (ends === undefined) return;
    this.#open.delete(service);
    closeSync(ends.write);
    closeSync(ends.read);
  }

  closeAll(): void {
    for (const service of [...this.#open.keys()]) this.close(service);
  }
}

function loggedBy(name: string): string {
  return name.endsWith('/log') ? name.slice(0, -'/log'.length) : name;
}
