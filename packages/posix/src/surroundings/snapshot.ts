/** What /proc says of this process at one moment. */
import { readFileSync } from 'node:fs';
import { linkTarget } from '../absence.ts';

const NICE = 16;
const REAL_TIME_PRIORITY = 37;
const POLICY = 38;

export class Snapshot {
  readonly #status = readText('/proc/self/status') ?? '';
  readonly #limits = readText('/proc/self/limits') ?? '';
  readonly #stat: readonly string[];

  constructor() {
    const stat = readText('/proc/self/stat') ?? '';
    this.#stat = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  }

  /** A line of /proc/self/status; null if this kernel has none of that name. */
  status(name: string): string | null {
    const value = new RegExp(`^${name}:(.*)$`, 'm').exec(this.#status)?.[1];
    return value === undefined ? null : value.trim().replaceAll(/\s+/g, ' ');
  }

  /** A set of numbers from 0, which is in hexadecimal digits there. */
  set(name: string): ReadonlySet<number> | null {
    const digits = this.status(name);
    return digits === null ? null : new Set(bitsOf(BigInt(`0x${digits}`)));
  }

  get nice(): string | null {
    return this.#stat[NICE] ?? null;
  }

  get scheduling(): { readonly policy: string; readonly priority: string } | null {
    const [policy, priority] = [this.#stat[POLICY], this.#stat[REAL_TIME_PRIORITY]];
    return policy === undefined || priority === undefined ? null : { policy, priority };
  }

  /** By the numbers of getrlimit(2), `Max open files` and the like, in the kernel's units. */
  limits(): { readonly name: string; readonly soft: string; readonly hard: string }[] {
    return [...this.#limits.matchAll(/^(Max .+?) {2,}(\S+) +(\S+)/gm)].map(([, name, soft, hard]) => ({
      name: name!,
      soft: soft!,
      hard: hard!,
    }));
  }
}

/** Null if there is no such file, or it may not be read. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').replace(/\0$/, '').trimEnd();
  } catch {
    return null;
  }
}

export function namespaceOf(kind: string): string | null {
  return linkTarget(`/proc/self/ns/${kind}`);
}

function bitsOf(mask: bigint): number[] {
  const bits: number[] = [];
  for (let bit = 0; mask >> BigInt(bit) > 0n; bit++) if ((mask >> BigInt(bit)) & 1n) bits.push(bit);
  return bits;
}
