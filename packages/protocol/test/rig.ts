/**
 * Service directories whose processes do what a test tells them. Each `run` and `finish` appends a line to the scandir's
 * journal when it starts, and obeys the words that the test writes into the service's `orders` FIFO.
 */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureFifo } from '@muster/posix/fifo';
import { BOUNDED } from '@muster/posix/test/bounded';
import { eventually } from '@muster/posix/test/eventually';

/** What a line of the journal says. */
export interface Entry {
  /** `run` or `finish`; tests may have their scripts write others. */
  readonly what: string;
  readonly name: string;
  readonly pid: number;
  readonly words: readonly string[];
}

export interface ServicePlan {
  /** Other files of the service directory. */
  readonly files?: Readonly<Record<string, string>>;
  /** In place of the obedient one. */
  readonly run?: string;
  /** True: one that only tells of itself. Text: a script; `tell` is there to be called. */
  readonly finish?: true | string;
}

export class Rig {
  readonly root = mkdtempSync(join(tmpdir(), 'muster-rig-'));
  readonly scandir = join(this.root, 'scan');
  readonly #journal = join(this.root, 'journal');
  readonly #orders = new Map<string, number>();

  constructor() {
    mkdirSync(this.scandir);
    writeFileSync(this.#journal, '');
  }

  directory(name: string): string {
    return join(this.scandir, name);
  }

  add(name: string, plan: ServicePlan = {}): string {
    const directory = this.directory(name);
    mkdirSync(directory, { recursive: true });
    for (const [file, text] of Object.entries(plan.files ?? {})) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), text, { mode: 0o755 });
    }
    const orders = join(this.root, `orders-${name.replace('/', '-')}`);
    ensureFifo(orders, 0o600);
    this.#orders.set(name, openSync(orders, 'r+'));
    const notification = plan.files?.['notification-fd']?.trim();
    this.#script(join(directory, 'run'), `tell run "$@"\n${plan.run ?? this.#obedient(orders, notification)}`);
    if (plan.finish !== undefined) {
      this.#script(join(directory, 'finish'), plan.finish === true ? 'tell finish "$@"' : plan.finish);
    }
    return directory;
  }

  /** `ready`; `exit N`; `say WORDS` (to its standard output); `do COMMAND`. */
  order(name: string, words: string): void {
    writeSync(this.#orders.get(name)!, `${words}\n`);
  }

  journal(what?: string, name?: string): Entry[] {
    return readFileSync(this.#journal, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const [kind, service, pid, ...words] = line.split(' ');
        return { what: kind!, name: service!, pid: Number(pid), words };
      })
      .filter((entry) => (what === undefined || entry.what === what) && (name === undefined || entry.name === name));
  }

  /** Waits until `what` of `name` is in the journal for the `count`-th time (1: the first). */
  async told(what: string, name: string, count = 1): Promise<Entry> {
    try {
      return await eventually(`${what} of ${name}, number ${count}`, () => this.journal(what, name)[count - 1]);
    } catch (error) {
      throw new Error(`${(error as Error).message}; the journal has\n${readFileSync(this.#journal, 'utf8')}`);
    }
  }

  note(line: string): void {
    appendFileSync(this.#journal, `${line}\n`);
  }

  remove(): void {
    for (const descriptor of this.#orders.values()) closeSync(descriptor);
    this.#orders.clear();
    rmSync(this.root, { recursive: true, force: true });
  }

  #obedient(orders: string, notification: string | undefined): string {
    return `while read -r verb rest <'${orders}'; do
  case $verb in
    exit) exit "$rest" ;;
    ready) echo >&${notification ?? '2'} ;;
    say) echo "$rest" ;;
    do) eval "$rest" ;;
  esac
done`;
  }

  #script(path: string, text: string): void {
    const tell = `tell() { what=$1; shift; echo "$what \${PWD#${this.scandir}/} $$ $*" >>'${this.#journal}'; }`;
    writeFileSync(path, `#!/bin/sh\n${tell}\n${text}\n`);
    chmodSync(path, 0o755);
  }
}

export interface Told {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of s6's tools to its end. */
export function s6(tool: string, ...args: string[]): Told {
  const { status, stdout, stderr } = spawnSync(tool, args, { ...BOUNDED, encoding: 'utf8' });
  return { status, stdout, stderr };
}
