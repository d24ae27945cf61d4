/** Files that hold one number. */
import { duration } from '../model/duration.ts';
import type { DefinitionFiles } from './files.ts';
import { showText } from './names.ts';

const LARGEST = 4294967295;

/** Milliseconds; absent: 0, which is no limit. Only newlines may follow the digits (as s6-rc reads it). */
export function readTimeout(files: DefinitionFiles, file: string): number {
  const text = files.text(file);
  if (text === null) return 0;
  const digits = text.replace(/\n+$/, '');
  const value = decimal(digits);
  if (value !== null) return value;
  files.report.add('bad-timeout', `${file} must be a number of milliseconds below 2^32, and it says ${shown(text)}`, {
    at: files.place(file, 1),
    hint: hintFor(digits),
  });
  return 0;
}

/** The number on the first line; null if the file is absent. */
export function readNumber(files: DefinitionFiles, file: string): number | null {
  const text = files.text(file);
  if (text === null) return null;
  const end = text.indexOf('\n');
  const digits = end === -1 ? text : text.slice(0, end);
  const value = decimal(digits);
  if (value !== null) return value;
  files.report.add('bad-number', `${file} must be a decimal number below 2^32, and it says ${shown(text)}`, {
    at: files.place(file, 1),
    hint: hintFor(digits),
  });
  return null;
}

/** Milliseconds, with or without a unit; null if the file is absent. */
export function readDuration(files: DefinitionFiles, file: string): number | null {
  const text = files.text(file);
  if (text === null) return null;
  const value = duration(text.trim());
  if (value !== null) return value;
  files.report.add('bad-duration', `${file} must be a time, and it says ${shown(text)}`, {
    at: files.place(file, 1),
    hint: 'write milliseconds, or a number with ms, s, m or h behind it: 5s',
  });
  return null;
}

function decimal(text: string): number | null {
  if (!/^[0-9]+$/.test(text)) return null;
  const value = Number(text);
  return value <= LARGEST ? value : null;
}

function hintFor(digits: string): string {
  if (digits.includes('\r')) return 'the file has carriage returns: convert it to plain newlines';
  if (digits === '') return 'write the number, or remove the file';
  if (/^[0-9]+$/.test(digits)) return `the largest is ${LARGEST}`;
  if (/^\s*[0-9]+\s*$/.test(digits)) return 'remove the blanks around the number';
  const meant = duration(digits);
  return meant === null ? 'write digits only' : `write ${meant}`;
}

export function shown(text: string): string {
  return text === '' ? 'nothing' : showText(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
