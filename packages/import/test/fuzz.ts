// biome-ignore-all lint/suspicious/noTemplateCurlyInString: originals write variables so
/** Random originals for every format: nothing crashes, no directive is lost, and no file is made outside of the source. */
import fc from 'fast-check';
import { dinit } from '../src/dinit/dinit.ts';
import type { ImportFormat } from '../src/format.ts';
import { importFrom } from '../src/import.ts';
import { procfile } from '../src/procfile/procfile.ts';
import { supervisord } from '../src/supervisord/supervisord.ts';
import { systemd } from '../src/systemd/systemd.ts';
import { filesIn, requestFor } from './imported.ts';

export interface FuzzedFormat {
  readonly format: ImportFormat;
  readonly path: string;
  readonly line: fc.Arbitrary<string>;
  /** Lines (from 1) where something begins. */
  beginnings(lines: readonly string[]): readonly number[];
}

const words = (...known: string[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, fc.string({ maxLength: 8 }));
/** Only lines that are read as one are asked for: other ends of lines are other texts. */
const line = (...parts: fc.Arbitrary<string>[]) =>
  fc.tuple(...parts).map((texts) => texts.join('').replaceAll(/[\n\r\v\f\u0085\u2028\u2029]/g, ' '));
const VALUES = words(
  'true',
  'false',
  '0',
  '5',
  '-1',
  '%(ENV_A)s',
  '%(process_num)02d',
  '%i',
  '%',
  '"',
  "'a b'",
  'x ; y',
  '../../x',
  'a,b',
  'A="1"',
  '$A',
  '${A}',
  'sh -c "x"',
  '/bin/x -a',
);

const isText = (text: string) => text.trim() !== '';

export const FUZZED: readonly FuzzedFormat[] = [
  {
    format: supervisord,
    path: '/a.conf',
    line: fc.oneof(
      line(
        words(
          '[program:a]',
          '[program:b]',
          '[group:g]',
          '[supervisord]',
          '[eventlistener:l]',
          '[include]',
          '[program:../x]',
          '[x',
        ),
      ),
      line(
        words(
          'command',
          'numprocs',
          'user',
          'autorestart',
          'environment',
          'stdout_logfile',
          'process_name',
          'programs',
          'startsecs',
          'files',
          'exitcodes',
        ),
        words('=', ' = ', ':'),
        VALUES,
      ),
      line(words('  ', ';', '# '), VALUES),
    ),
    beginnings(lines) {
      let indent = Number.POSITIVE_INFINITY;
      return lines.flatMap((text, at) => {
        const own = text.search(/\S/);
        if (own === -1 || /^[;#]/.test(text.trim()) || cutOff(text) === '') return [];
        if (own > indent) return [];
        // What is a header or no key at all is continued by nothing.
        const isKey = !/^\[.+\]/.test(cutOff(text)) && /^[^=:]*\S[^=:]*[=:]/.test(cutOff(text));
        indent =
          isKey && lines.slice(0, at).some((before) => /^\[.+\]/.test(cutOff(before))) ? own : Number.POSITIVE_INFINITY;
        return [at + 1];
      });
    },
  },
  {
    format: systemd,
    path: '/a.service',
    line: fc.oneof(
      line(words('[Unit]', '[Service]', '[Install]', '[X-y]', '[')),
      line(
        words(
          'ExecStart',
          'ExecStartPre',
          'User',
          'Environment',
          'Restart',
          'After',
          'Requires',
          'Type',
          'LimitNOFILE',
          'RuntimeDirectory',
          'PrivateTmp',
          'Nope',
          'SuccessExitStatus',
        ),
        words('=', ' = '),
        VALUES,
        words('', '', '', '\\'),
      ),
      line(words('#', ';', ''), VALUES),
    ),
    beginnings(lines) {
      let continues = false;
      return lines.flatMap((text, at) => {
        const isComment = /^\s*[#;]/.test(text);
        const begins = !continues && isText(text) && !isComment;
        if (!(continues && isComment)) continues = (continues || begins) && text.trim().endsWith('\\');
        return begins ? [at + 1] : [];
      });
    },
  },
  {
    format: dinit,
    path: '/d/web',
    line: fc.oneof(
      line(
        words('type', 'command', 'depends-on', 'restart', 'run-as', 'logfile', 'nope', 'restart-delay'),
        words(' = ', ': ', ' += '),
        fc.oneof(VALUES, fc.constantFrom('process', 'scripted', 'web', '../x')),
      ),
      line(words('#', ''), VALUES),
    ),
    beginnings: (lines) => lines.flatMap((text, at) => (isText(text) && !/^\s*#/.test(text) ? [at + 1] : [])),
  },
  {
    format: procfile,
    path: '/Procfile',
    line: fc.oneof(line(words('web', 'worker', '../x', '#'), words(':', ': ', ''), VALUES)),
    beginnings: (lines) => lines.flatMap((text, at) => (isText(text) && !text.startsWith('#') ? [at + 1] : [])),
  },
];

function cutOff(text: string): string {
  return text.replace(/(?<=\s)[;#].*$/, '').trim();
}

/** Throws what is wrong. */
export function fuzz({ format, path, line, beginnings }: FuzzedFormat, numRuns: number): void {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 14 }), (lines) => {
      const text = lines.join('\n');
      const imported = importFrom(format, requestFor([path]), filesIn({ [path]: text }));
      if (!imported.ok) {
        if (imported.problem.length === 0) throw new Error('refused without a reason');
        return;
      }
      const { report, files } = imported.value;
      const told = new Set(report.entries.filter(({ file }) => file === path).map((entry) => entry.line));
      const lost = beginnings(lines).filter((at) => !told.has(at));
      if (lost.length > 0) throw new Error(`lines ${lost.join(', ')} are not in the report`);
      const outside = files.filter((file) => /^\/|(^|\/)\.\.?(\/|$)/.test(file.path));
      if (outside.length > 0) throw new Error(`outside: ${outside.map((file) => file.path).join(' ')}`);
    }),
    { numRuns },
  );
}
