/** Values of keys as supervisord converts them. Null: it refuses to start with such a value. */
import { constants } from 'node:os';

/** As Python's `int`. */
export function integer(text: string): number | null {
  return /^\s*[+-]?\d+(?:_\d+)*\s*$/.test(text) ? Number(text.replaceAll('_', '')) : null;
}

const TRUE = ['yes', 'true', 'on', '1'];
const FALSE = ['no', 'false', 'off', '0'];

export function boolean(text: string): boolean | null {
  const word = text.toLowerCase();
  return TRUE.includes(word) ? true : FALSE.includes(word) ? false : null;
}

export function autorestart(text: string): 'always' | 'on-failure' | 'never' | null {
  if (text.toLowerCase() === 'unexpected') return 'on-failure';
  const known = boolean(text);
  return known === null ? null : known ? 'always' : 'never';
}

const UNITS: Readonly<Record<string, number>> = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

export function byteSize(text: string): number | null {
  const word = text.toLowerCase();
  const unit = UNITS[word.slice(-2)];
  const count = integer(unit === undefined ? word : word.slice(0, -2));
  return count === null ? null : count * (unit ?? 1);
}

export function octal(text: string): number | null {
  return /^(0o?)?[0-7]+$/.test(text.trim()) ? Number.parseInt(text.trim().replace(/^0o/, ''), 8) : null;
}

/** A name without `SIG`. */
export function signal(text: string): string | null {
  const word = text.trim().toUpperCase();
  if (/^\d+$/.test(word)) {
    const name = Object.entries(constants.signals).find(([, number]) => number === Number(word))?.[0];
    return name === undefined ? null : name.replace(/^SIG/, '');
  }
  const name = word.startsWith('SIG') ? word : `SIG${word}`;
  return Object.hasOwn(constants.signals, name) ? name.slice(3) : null;
}

/** `0,2`. */
export function exitCodes(text: string): number[] | null {
  if (text.trim() === '') return [];
  const codes = text.split(',').map((word) => integer(word));
  return codes.some((code) => code === null || code < 0 || code > 255) ? null : codes.map(Number);
}

export function strings(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
