/**
 * Pipes from services to the loggers in their `log/`. They are FIFOs on disk, so that a later life of the tree finds them
 * again. Each side gets its end and nothing else; the tree has both, so that a service is not killed by SIGPIPE while its
 * logger is away.
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
    // Opening one end waits for the other, unless somebody has it.
    const both = openSync(path, constants.O_RDWR);
    try {
      const write = openSync(path, constants.O_WRONLY);
      this.#open.set(service, { write, read: openSync(path, constants.O_RDONLY) });
    } finally {
      closeSync(both);
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
