/** What a logger is told: by a `log` file, from which the compiler makes one, or on the command line of rc-logger. */

/** How lines are marked. */
export const TIMESTAMPS = ['iso', 'tai64n', 'none'] as const;
/** For the logger and its group, unless a `log` says otherwise. */
export const LOG_MODE = 0o640;
/** Bytes after which a new file is begun, at least. */
export const SMALLEST_LOG = 4096;

export interface LogDirectives {
  readonly directory: string;
  /** Bytes. */
  readonly size: number;
  /** Rotated files. */
  readonly keep: number;
  readonly timestamp: (typeof TIMESTAMPS)[number];
  readonly prefix: string;
  /** Permission bits of the files; who may read these may look into the directory. */
  readonly mode: number;
  /** An absolute path that is made a link to the file that is written; null: none. */
  readonly link: string | null;
  readonly select: readonly { readonly action: 'include' | 'exclude'; readonly pattern: string }[];
}

/** `65536`, `64K`, `1m`, in bytes; null if it is none of these. */
export function byteSize(text: string): number | null {
  const [, digits, unit = ''] = /^([0-9]{1,12})([kmg]?)$/.exec(text.toLowerCase()) ?? [];
  return digits === undefined ? null : Number(digits) * 1024 ** ' kmg'.indexOf(unit || ' ');
}

/** `0640`, of a file that its owner writes and no other; null if it is no such mode. */
export function logMode(text: string): number | null {
  return /^0?6[04]{2}$/.test(text) ? Number.parseInt(text, 8) : null;
}

/** Whether it is a regular expression, as `include` and `exclude` take them. */
export function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}
