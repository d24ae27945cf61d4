/** The files of a service directory that say how it is supervised. Read anew whenever they matter, as s6-supervise does. */
import { join } from 'node:path';
import { signalNumber } from '@muster/posix/signals';
import type { Files } from '../system/system.ts';

const LARGEST = 0xffff_ffff;

export class ServiceFiles {
  readonly #names: Set<string>;
  readonly #files: Files;
  readonly #warn: (message: string) => void;

  /** Looks at `directory` once; a file that is made later is not seen. */
  constructor(
    readonly directory: string,
    files: Files,
    warn: (message: string) => void,
  ) {
    this.#warn = warn;
    this.#files = files;
    this.#names = new Set(files.namesIn(directory));
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** The first line, up to 255 bytes; undefined if there is no such file. */
  line(name: string): string | undefined {
    if (!this.#names.has(name)) return undefined;
    try {
      return this.#files.readBeginning(join(this.directory, name)).split('\n', 1)[0]!.trim();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#warn(`unable to read ${name}: ${error}`);
      return undefined;
    }
  }

  /** An unsigned integer of 32 bits, as the compiler takes it; undefined if there is none, and a warning if it is not one. */
  number(name: string): number | undefined {
    const text = this.line(name);
    if (text === undefined) return undefined;
    if (/^\d{1,10}$/.test(text) && Number(text) <= LARGEST) return Number(text);
    this.#warn(`invalid ${name}: ${JSON.stringify(text)} is not a number`);
    return undefined;
  }

  signal(name: string, otherwise: number): number {
    const text = this.line(name);
    if (text === undefined) return otherwise;
    const number = signalNumber(text);
    if (number === undefined) this.#warn(`invalid ${name}: there is no signal ${JSON.stringify(text)}`);
    return number ?? otherwise;
  }
}
