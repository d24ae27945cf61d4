/** The `log` file: what the logger does that the compiler adds to a longrun. */

import {
  byteSize,
  isPattern,
  LOG_MODE,
  type LogDirectives,
  logMode,
  SMALLEST_LOG,
  TIMESTAMPS,
} from '../model/log-directives.ts';
import { failure, type Result, success } from '../result.ts';
import type { DefinitionFiles } from './files.ts';
import { nearest } from './nearest.ts';
import { shown } from './numbers.ts';
import { contentLines, expandInstance } from './words.ts';

const DEFAULT_SIZE = 1024 * 1024;
const DEFAULT_KEEP = 10;
const LARGEST_SIZE = 2 ** 31;
const MOST_KEPT = 1_000_000;

/** What is read so far. */
type Draft = LogDirectives & Pick<SaidOfLog, 'user'>;

/** What a `log` file says. */
export interface SaidOfLog {
  readonly logger: LogDirectives;
  /** Whom the logger runs as, `USER` or `USER:GROUP`; null if it does not say. */
  readonly user: string | null;
}

/** Takes a directive's value; says what it must be if it is not that. */
type Take = (value: string, draft: Draft) => Result<Partial<Draft>, string>;

const DIRECTIVES: ReadonlyMap<string, Take> = new Map<string, Take>([
  ['dir', (directory) => (directory.startsWith('/') ? success({ directory }) : failure('an absolute path'))],
  [
    'size',
    (value) => {
      const size = byteSize(value);
      const isAllowed = size !== null && size >= SMALLEST_LOG && size <= LARGEST_SIZE;
      return isAllowed ? success({ size }) : failure(`a number of bytes from ${SMALLEST_LOG} to ${LARGEST_SIZE}`);
    },
  ],
  [
    'keep',
    (value) => {
      const keep = byteSize(value);
      return keep !== null && keep <= MOST_KEPT ? success({ keep }) : failure('a number of files');
    },
  ],
  [
    'timestamp',
    (value) => {
      const timestamp = TIMESTAMPS.find((known) => known === value);
      return timestamp === undefined ? failure(`one of ${TIMESTAMPS.join(', ')}`) : success({ timestamp });
    },
  ],
  ['prefix', (prefix) => success({ prefix })],
  ['file', (link) => (/^\/.*[^/]$/.test(link) ? success({ link }) : failure('an absolute path'))],
  [
    'mode',
    (value) => {
      const mode = logMode(value);
      return mode === null ? failure('0600, 0640, 0604 or 0644') : success({ mode });
    },
  ],
  ['user', (user) => (/^\S+$/.test(user) ? success({ user }) : failure('USER or USER:GROUP'))],
  ['include', (pattern, draft) => select(draft, 'include', pattern)],
  ['exclude', (pattern, draft) => select(draft, 'exclude', pattern)],
]);

/** In a template's log these may have `%i` in them: elsewhere it could be part of a regular expression. */
const INSTANTIATED: ReadonlySet<string> = new Set(['dir', 'file', 'prefix']);

const REPEATABLE: ReadonlySet<string> = new Set(['include', 'exclude']);

const EXAMPLES: ReadonlyMap<string, string> = new Map([
  ['dir', 'dir /var/log/web'],
  ['size', 'size 1048576'],
  ['keep', 'keep 10'],
  ['timestamp', 'timestamp iso'],
  ['file', 'file /var/log/web.log'],
  ['mode', 'mode 0644'],
  ['user', 'user log'],
  ['include', 'include ^error'],
  ['exclude', 'exclude ^debug'],
]);

/** Whether it is what `readLogDirectives` makes of what it reads. */
export function areLogDirectives({ directory, size, keep, prefix, mode, link, select }: LogDirectives): boolean {
  const isInRange = size >= SMALLEST_LOG && size <= LARGEST_SIZE && keep <= MOST_KEPT;
  return (
    isInRange &&
    directory.startsWith('/') &&
    logMode(mode.toString(8)) === mode &&
    (link === null || /^\/.*[^/]$/.test(link)) &&
    [directory, prefix].every((text) => !text.includes('\n')) &&
    select.every(({ pattern }) => pattern !== '' && !pattern.includes('\n') && isPattern(pattern))
  );
}

/** Null if it names no directory; all that is wrong with it is reported. */
export function readLogDirectives(files: DefinitionFiles, instance: string | null): SaidOfLog | null {
  const text = files.text('log');
  if (text === null) return null;
  let draft: Draft = {
    directory: '',
    size: DEFAULT_SIZE,
    keep: DEFAULT_KEEP,
    timestamp: 'iso',
    prefix: '',
    mode: LOG_MODE,
    link: null,
    select: [],
    user: null,
  };
  const said = new Set<string>();
  for (const { content, line } of contentLines(text)) {
    const [, name = '', value = ''] = /^(\S+)(?:\s+(.*))?$/.exec(content) ?? [];
    const isRepeated = said.has(name) && !REPEATABLE.has(name);
    said.add(name);
    const take = DIRECTIVES.get(name);
    const taken = take?.(INSTANTIATED.has(name) ? expandInstance(value, instance) : value, draft);
    if (taken?.ok) draft = { ...draft, ...taken.value };
    const at = files.place('log', line);
    if (isRepeated && taken !== undefined)
      files.report.add('bad-log', `${name} is said twice`, { at, hint: 'remove one of the two lines' });
    else if (taken === undefined)
      files.report.add('bad-log', `there is no directive ${shown(name)}`, { at, hint: hintFor(name) });
    else if (!taken.ok)
      files.report.add('bad-log', `${name} must be ${taken.problem}, and it says ${shown(value)}`, {
        at,
        hint: `for instance: ${EXAMPLES.get(name)}`,
      });
  }
  const { user, ...logger } = draft;
  if (logger.directory !== '') return { logger, user };
  if (!said.has('dir'))
    files.report.add('bad-log', 'log must say where the lines go', {
      at: files.place('log'),
      hint: `write a line like: dir /var/log/${files.name}`,
    });
  return null;
}

function hintFor(name: string): string {
  const near = nearest(name, DIRECTIVES.keys());
  return near.length > 0 ? `did you mean ${near[0]}?` : `directives are ${[...DIRECTIVES.keys()].join(', ')}`;
}

function select(draft: Draft, action: 'include' | 'exclude', pattern: string): Result<Pick<Draft, 'select'>, string> {
  if (pattern === '' || !isPattern(pattern)) return failure('a regular expression');
  return success({ select: [...draft.select, { action, pattern }] });
}
