/** `user`, `supplementary-groups`, `working-directory`, `umask`, `nice`, `limits`: how `run` is executed. */
import type { ProcessAttributes } from '../model/definition.ts';
import type { DefinitionFiles } from './files.ts';
import { nearest } from './nearest.ts';
import { shown } from './numbers.ts';
import { contentLines, readLine } from './words.ts';

/** As prlimit(1) of util-linux names them. */
const RESOURCES =
  'as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' ');

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

export function readProcessAttributes(files: DefinitionFiles): ProcessAttributes {
  const attributes: Writable<ProcessAttributes> = {};
  const user = files.has('user') ? readLine(files, 'user') : null;
  if (user !== null) attributes.user = user;
  if (files.has('supplementary-groups')) attributes.supplementaryGroups = readGroups(files);
  const directory = files.has('working-directory') ? readLine(files, 'working-directory') : null;
  if (directory !== null) attributes.workingDirectory = directory;
  const umask = readMatching(files, 'umask', /^[0-7]{1,4}$/, 'an octal number like 022');
  if (umask !== null) attributes.umask = Number.parseInt(umask, 8);
  const nice = readMatching(files, 'nice', /^(?:-(?:20|1?[0-9])|\+?1?[0-9])$/, 'a number from -20 to 19');
  if (nice !== null) attributes.nice = Number(nice);
  if (files.has('limits')) attributes.limits = readLimits(files);
  return attributes;
}

function readGroups(files: DefinitionFiles): string[] {
  const text = files.text('supplementary-groups') ?? '';
  return contentLines(text).flatMap(({ content }) => content.split(/[ \t,]+/));
}

function readMatching(files: DefinitionFiles, file: string, form: RegExp, wanted: string): string | null {
  const text = files.text(file);
  if (text === null) return null;
  if (form.test(text.trim())) return text.trim();
  files.report.add('bad-attribute', `${file} must be ${wanted}, and it says ${shown(text)}`, {
    at: files.place(file, 1),
    hint: 'correct it, or remove the file to have what the supervision tree has',
  });
  return null;
}

/** One a line: the resource, then `SOFT`, `SOFT:HARD`, `SOFT:` or `:HARD`, each a number or `unlimited`. */
function readLimits(files: DefinitionFiles): [string, string][] {
  const limits = new Map<string, string>();
  for (const { content, line } of contentLines(files.text('limits') ?? '')) {
    const [resource = '', value = '', more] = content.split(/[ \t=]+/);
    const complain = (message: string, hint: string) =>
      files.report.add('bad-attribute', message, { at: files.place('limits', line), hint });
    if (!RESOURCES.includes(resource)) {
      const near = nearest(resource, RESOURCES);
      complain(
        `there is no limit ${shown(resource)}`,
        near.length > 0 ? `did you mean ${near.join(' or ')}?` : `limits are ${RESOURCES.join(', ')}`,
      );
      continue;
    }
    const problem = more === undefined ? problemOf(value) : 'must be SOFT or SOFT:HARD';
    if (problem !== null)
      complain(
        `the limit of ${resource} ${problem}, and it says ${shown(more === undefined ? value : `${value} ${more}`)}`,
        `for instance: ${resource} 1024:4096, or ${resource} unlimited`,
      );
    else if (limits.has(resource)) complain(`the limit of ${resource} is said twice`, 'remove one of the two lines');
    else limits.set(resource, value);
  }
  return [...limits].sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

/** Whether it is what `readLimits` makes of what it reads. */
export function isLimit([resource, value]: readonly [string, string]): boolean {
  return RESOURCES.includes(resource) && problemOf(value) === null;
}

/** Null if it is a limit. */
function problemOf(value: string): string | null {
  const match = /^([0-9]+|unlimited)?(?::([0-9]+|unlimited)?)?$/.exec(value);
  if (match === null || value === '' || value === ':') return 'must be SOFT or SOFT:HARD';
  const [soft, hard] = [match[1], match[2]].map(sizeOf);
  return soft !== null && hard !== null && soft! > hard! ? 'has a soft limit above the hard one' : null;
}

/** Null if it stays what it is. */
function sizeOf(limit: string | undefined): number | null {
  if (limit === undefined) return null;
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}
