/** Names: which ones are allowed, their order, and how they are shown. */
import type { Place } from '../diagnostics/diagnostic.ts';
import type { Report } from '../diagnostics/report.ts';

/** Byte order of the UTF-8 forms. JavaScript's own order differs from it where surrogates meet U+E000 and above. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** A surrogate stands for a code point above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** In a message: as it is, unless something in it cannot be seen. */
export function showName(name: string): string {
  return /^[^\p{C}\s'"]+(?: [^\p{C}\s'"]+)*$/u.test(name) ? name : showText(name);
}

/** Quoted, with blanks at the edges, control characters and the like made visible. */
export function showText(text: string): string {
  const escaped = text.replace(/[\p{C}"\\]|[\u2028\u2029]/gu, (character) => {
    const known = ESCAPES.get(character);
    if (known !== undefined) return known;
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
  return `"${escaped}"`;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\0', '\\0'],
  ['"', '\\"'],
  ['\\', '\\\\'],
]);

const DOTS = 'every directory has an entry of that name already';

/** Whether `checkName` lets it pass. */
export function isName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[\n\0/]/.test(name) && !isTooLong(name) && !isReserved(name);
}

/** Whether `name` may stand for a service or bundle; says why not. */
export function checkName(name: string, at: Place, report: Report): boolean {
  if (isTooLong(name)) {
    report.add('bad-name', `${showText(`${name.slice(0, 40)}…`)} is too long for a name`, {
      at,
      hint: `a name has at most ${LONGEST} bytes, as a file's has`,
    });
    return false;
  }
  if (isReserved(name)) {
    report.add('reserved-name', `the name ${showName(name)} starts with a prefix that is reserved`, {
      at,
      hint: 'choose a name that does not start with "s6rc-" or "s6-rc-"',
    });
    return false;
  }
  if (name === '' || name === '.' || name === '..' || /[\n\0/]/.test(name)) {
    report.add('bad-name', `${showText(name)} cannot be a name`, {
      at,
      hint: name.startsWith('.') ? DOTS : 'a name is not empty and has no slash, newline or NUL in it',
    });
    return false;
  }
  return true;
}

/** Every service has a directory of its name. */
const LONGEST = 255;

/** No character takes more than three bytes for each of its UTF-16 units. */
export function isTooLong(name: string): boolean {
  return name.length * 3 > LONGEST && new TextEncoder().encode(name).length > LONGEST;
}

export function isReserved(name: string): boolean {
  return name.startsWith('s6rc-') || name.startsWith('s6-rc-');
}
