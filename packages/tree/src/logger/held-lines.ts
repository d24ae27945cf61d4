/**
 * What outlives a logger that cannot write: two files in its service directory, which whoever starts the logger has opened for
 * it. `.muster/trouble` is for everybody to read: why it cannot write, or nothing while it can. `.muster/held` has the lines
 * that it had in hand when it ended, for the next logger.
 */
import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';

const NEWLINE = 10;
/** Bytes that a logger has in hand at most. */
const MOST_HELD = 2 * 1024 * 1024;

export class HeldLines {
  constructor(
    readonly trouble: number,
    readonly held: number,
  ) {}

  /** What an earlier logger has kept, with its newlines. It stays until it is written: see `forget`. */
  take(): Uint8Array[] {
    const bytes = Buffer.alloc(Math.min(fstatSync(this.held).size, MOST_HELD));
    const length = readSync(this.held, bytes, 0, bytes.length, 0);
    const lines: Uint8Array[] = [];
    for (let start = 0; start < length; ) {
      const end = bytes.indexOf(NEWLINE, start) + 1;
      if (end === 0 || end > length) break;
      lines.push(bytes.subarray(start, end));
      start = end;
    }
    return lines;
  }

  /** In place of what was kept before. Throws what the system says. */
  keep(lines: Uint8Array): void {
    ftruncateSync(this.held, 0);
    for (let at = 0; at < lines.length; ) at += writeSync(this.held, lines, at, lines.length - at, at);
  }

  /** Nobody is told if there is no room for it. */
  noteTrouble(trouble: string): void {
    try {
      ftruncateSync(this.trouble, 0);
      writeSync(this.trouble, `${trouble}\n`, 0);
    } catch {
      // The logger's own standard error has it too.
    }
  }

  /** All is written. */
  forget(): void {
    ftruncateSync(this.trouble, 0);
    ftruncateSync(this.held, 0);
  }
}
