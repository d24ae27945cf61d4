/** Times, sizes and truths as systemd writes them. Null: it is none. */

const UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  usec: 0.001,
  ms: 1,
  msec: 1,
  s: 1000,
  sec: 1000,
  second: 1000,
  seconds: 1000,
  '': 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  weeks: 604_800_000,
};

/** Milliseconds; 0 for `infinity`, as Muster writes it. */
export function timeSpan(text: string): number | null {
  const word = text.trim().toLowerCase();
  if (word === 'infinity') return 0;
  const parts = [...word.matchAll(/(\d+(?:\.\d+)?)\s*([a-zµ]*)\s*/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== word) return null;
  let sum = 0;
  for (const [, count, unit = ''] of parts) {
    const factor = UNITS[unit];
    if (factor === undefined) return null;
    sum += Number(count) * factor;
  }
  return Math.round(sum);
}

export function truth(text: string): boolean | null {
  const word = text.toLowerCase();
  if (['1', 'yes', 'y', 'true', 't', 'on'].includes(word)) return true;
  return ['0', 'no', 'n', 'false', 'f', 'off'].includes(word) ? false : null;
}

const SIZES = ['', 'k', 'm', 'g', 't', 'p', 'e'];

/** `65536`, `64K`, `infinity`, or two of them with a colon between, as prlimit(1) takes them. */
export function limit(text: string): string | null {
  const parts = text
    .trim()
    .split(':')
    .map((part) => {
      if (part === 'infinity') return 'unlimited';
      const [, digits, unit = ''] = /^(\d+)([kmgtpe]?)b?$/.exec(part.toLowerCase()) ?? [];
      return digits === undefined ? null : String(Number(digits) * 1024 ** SIZES.indexOf(unit));
    });
  return parts.length > 2 || parts.includes(null) ? null : parts.join(':');
}

export function octal(text: string): number | null {
  return /^[0-7]{1,4}$/.test(text.trim()) ? Number.parseInt(text, 8) : null;
}

export function wholeNumber(text: string): number | null {
  return /^[+-]?\d+$/.test(text.trim()) ? Number(text) : null;
}

/** A signal's name without `SIG`, or its number. */
export function signalName(text: string): string | null {
  const word = text.trim().replace(/^SIG/, '');
  return /^[A-Z0-9+-]+$/.test(word) ? word : null;
}
