/** What a logger is told: by a `log` file, from which the compiler makes one, or on the command line of rc-logger. */

/** How lines are marked. */
export const TIMESTAMPS = ['iso', 'tai64n', 'none'] as const;
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
  readonly select: readonly { readonly action: 'include' | 'exclude'; readonly pattern: string }[];
}

/** `65536`, `64K`, `1m`, in bytes; null if it is none of these. */
export function byteSize(text: string): number | null {
  const [, digits, unit = ''] = /^([0-9]{1,12})([kmg]?)$/.exec(text.toLowerCase()) ?? [];
  return digits === undefined ? null : Number(digits) * 1024 ** ' kmg'.indexOf(unit || ' ');
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
