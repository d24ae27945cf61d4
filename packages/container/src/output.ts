/**
 * What services without a logger write goes to the container's standard output and error, line by line, besides to the catch-all, where
 * rc-log finds it. What process 1 itself has to say goes to standard error.
 */
import type { Reactor } from '@muster/posix/reactor';
import { labelOf } from '@muster/protocol/logs/label';
import type { LineSink } from '@muster/tree/catch-all/line-sink';
import { LineWriter } from './line-writer.ts';

const [OUTPUT, ERRORS] = [1, 2];
const NEWLINE = Buffer.from('\n');
/** Of eight, without black and white. */
const COLOURS = 6;

export interface OutputOptions {
  /** Lines bear the names of their services. */
  readonly prefix: boolean;
  /** Names are coloured. */
  readonly isColored: boolean;
}

export class ContainerOutput implements LineSink {
  readonly #options: OutputOptions;
  readonly #output = new LineWriter(OUTPUT, missing);
  readonly #errors = new LineWriter(ERRORS, missing);
  readonly #prefixes = new Map<string, Buffer>();

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  begin(reactor: Reactor): void {
    this.#output.begin(reactor);
    this.#errors.begin(reactor);
  }

  write(service: string, stream: 'output' | 'errors', line: Uint8Array): void {
    const writer = stream === 'output' ? this.#output : this.#errors;
    writer.write(Buffer.concat([this.#prefixOf(service), line, NEWLINE]));
  }

  note(service: string, message: string): void {
    this.say(`${labelOf(service)}${message}`);
  }

  /** A line of process 1 itself. */
  say(message: string): void {
    this.#errors.write(Buffer.from(`muster: ${message}\n`));
  }

  close(): void {
    this.#output.close();
    this.#errors.close();
  }

  #prefixOf(service: string): Buffer {
    if (!this.#options.prefix) return NOTHING;
    let prefix = this.#prefixes.get(service);
    if (prefix === undefined) {
      prefix = Buffer.from(this.#options.isColored ? painted(labelOf(service)) : labelOf(service));
      this.#prefixes.set(service, prefix);
    }
    return prefix;
  }
}

const NOTHING = Buffer.alloc(0);

/** The same for one name at all times. */
function painted(label: string): string {
  let sum = 0;
  for (const byte of Buffer.from(label)) sum = (sum * 31 + byte) % 65_521;
  return `\x1b[3${1 + (sum % COLOURS)}m${label.trimEnd()}\x1b[0m `;
}

function missing(count: number): string {
  return `muster: ${count} lines are missing here, which nobody read in time: rc-log may have them`;
}
