/** `restart`, `restart-delay`, `restart-limit`, `success-codes`: what happens after a longrun dies. */
import {
  ALWAYS,
  parseRestartDelay,
  parseRestartLimit,
  RESTART_POLICIES,
  type RestartDelay,
  type RestartLimit,
  type RestartPolicy,
} from '../model/restart-policy.ts';
import type { DefinitionFiles } from './files.ts';
import { shown } from './numbers.ts';
import { isSignal } from './signals.ts';
import { contentLines, readWord } from './words.ts';

export function readRestartPolicy(files: DefinitionFiles): RestartPolicy {
  const policy = readWord(files, 'restart', RESTART_POLICIES) ?? 'always';
  return { policy, ...readDelay(files), limit: readLimit(files), successCodes: readSuccessCodes(files) };
}

/** Bytes of the line that a supervisor reads. */
const LONGEST_LINE = 255;
const GREATEST_CODE = 255;

/** Sorted, each once, as a number without zeros in front or a signal's name. */
function readSuccessCodes(files: DefinitionFiles): readonly string[] {
  const text = files.text('success-codes');
  if (text === null) return ALWAYS.successCodes;
  const codes = new Set<string>();
  for (const { content, line } of contentLines(text)) {
    for (const word of content.split(/[\s,]+/)) {
      const code = successCode(word);
      if (code !== null) codes.add(code);
      else complain(files, line, `success-codes has ${shown(word)}, which is neither an exit code nor a signal`);
    }
  }
  const sorted = [...codes].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1));
  if (codes.size === 0) complain(files, 1, 'success-codes names no end that is a success');
  if (!isShort(sorted)) complain(files, 1, `success-codes has more than ${LONGEST_LINE} bytes`);
  return sorted.length > 0 ? sorted : ALWAYS.successCodes;
}

function complain(files: DefinitionFiles, line: number, message: string): void {
  files.report.add('bad-attribute', message, {
    at: files.place('success-codes', line),
    hint: 'write exit codes from 0 to 255 and names of signals, one a line: 0, 3, TERM',
  });
}

function successCode(word: string): string | null {
  if (/^[0-9]+$/.test(word)) return Number(word) <= GREATEST_CODE ? String(Number(word)) : null;
  const name = word.toUpperCase().replace(/^SIG/, '');
  return isSignal(name) ? name : null;
}

function isShort(codes: readonly string[]): boolean {
  return codes.join(' ').length <= LONGEST_LINE;
}

/** Whether they are what is made of a file. */
export function areSuccessCodes(codes: readonly string[]): boolean {
  return codes.length > 0 && isShort(codes) && codes.every((code) => successCode(code) === code);
}

function readDelay(files: DefinitionFiles): RestartDelay {
  const text = files.text('restart-delay');
  if (text === null) return { delayMin: ALWAYS.delayMin, delayMax: ALWAYS.delayMax };
  const delay = parseRestartDelay(text.trim());
  if (delay !== null) return delay;
  files.report.add(
    'bad-duration',
    `restart-delay must be milliseconds or a range of them, and it says ${shown(text)}`,
    {
      at: files.place('restart-delay', 1),
      hint: 'write 1000, or 200..60000 to double the delay from the first to the second',
    },
  );
  return { delayMin: ALWAYS.delayMin, delayMax: ALWAYS.delayMax };
}

function readLimit(files: DefinitionFiles): RestartLimit | null {
  const text = files.text('restart-limit');
  if (text === null) return null;
  const limit = parseRestartLimit(text.trim());
  if (limit !== null) return limit;
  files.report.add('bad-duration', `restart-limit must be a number of deaths and a time, and it says ${shown(text)}`, {
    at: files.place('restart-limit', 1),
    hint: 'write 5/60s: after more than 5 deaths within 60 seconds it has failed',
  });
  return null;
}
