/** All files of a configuration: those that are named, and those that they include. */
import { dirname, join, resolve } from 'node:path';
import type { Account } from '../account/account.ts';
import { glob } from '../files/glob.ts';
import type { FileReader } from '../files/reader.ts';
import { unrenderedIn } from '../files/unrendered.ts';
import type { ImportProblem, ImportRequest } from '../format.ts';
import type { Names } from './expansions.ts';
import { type Dialect, IniSection, readIni } from './ini.ts';
import { SectionReader } from './section-reader.ts';

export interface Configuration {
  readonly sections: ReadonlyMap<string, IniSection>;
  readonly problems: readonly ImportProblem[];
}

interface Reading {
  readonly request: ImportRequest;
  readonly files: FileReader;
  readonly account: Account;
  readonly dialect: Dialect;
  readonly names: Names;
  readonly sections: Map<string, IniSection>;
  readonly problems: ImportProblem[];
}

export function readConfiguration(
  request: ImportRequest,
  files: FileReader,
  account: Account,
  { dialect, names }: { readonly dialect: Dialect; readonly names: Names },
): Configuration {
  const reading = { request, files, account, dialect, names, sections: new Map(), problems: [] };
  // Several paths are read as if the first included the others.
  const [first, ...others] = request.paths.flatMap((path) => filesAt(path, reading));
  if (first !== undefined) {
    readOne(first, reading, {});
    for (const path of include(first, reading)) readOne(path, reading, { ignored: INCLUDE });
  }
  for (const path of others) readOne(path, reading, { ignored: INCLUDE });
  return reading;
}

/** A directory means the configurations in it. */
function filesAt(path: string, { files, problems }: Reading): readonly string[] {
  if (files.kindOf(path) !== 'directory') return [path];
  const names = (files.list(path) ?? []).filter((name) => /\.(conf|ini)$/.test(name));
  if (names.length === 0)
    problems.push({ file: path, message: 'has no *.conf and no *.ini in it', hint: 'name the files themselves' });
  return names.map((name) => join(path, name));
}

function readOne(path: string, reading: Reading, options: { readonly ignored?: string }): void {
  const { request, files, account, dialect, sections, problems } = reading;
  const read = files.text(path);
  if (!read.ok) {
    problems.push({ file: path, message: read.problem, hint: 'name a configuration of supervisord' });
    return;
  }
  const file = account.open(path, read.value);
  problems.push(...unrenderedIn(path, file.lines, (line) => /^\s*[;#]/.test(line)));
  readIni(file, sections, account, { dialect, here: hereOf(path, request), ...options });
}

/** Where the directory of the file lies in the image. */
function hereOf(path: string, { here, root }: ImportRequest): string {
  if (here !== null) return here;
  const directory = dirname(resolve(path));
  if (root === '/') return directory;
  return directory === root ? '/' : directory.startsWith(`${root}/`) ? directory.slice(root.length) : directory;
}

const INCLUDE = 'include';

/** Only the first file may include others, and what they include is not. */
function include(first: string, { request, files, account, names, sections }: Reading): readonly string[] {
  const section = sections.get(INCLUDE) ?? new IniSection(INCLUDE);
  if (section.headers.length === 0) return [];
  const reader = new SectionReader(section, names, account, '');
  reader.takes(section.headers, 'default');
  const patterns = reader.text('files');
  const found: string[] = [];
  for (const pattern of patterns?.value.split(/\s+/).filter(Boolean) ?? []) {
    const path = pattern.startsWith('/')
      ? `${request.root === '/' ? '' : request.root}${pattern}`
      : join(dirname(first), pattern);
    const matching = glob(path, files).filter((each) => files.kindOf(each) === 'file');
    if (matching.length === 0)
      reader.tell(patterns?.from ?? [], `nothing matches ${pattern}`, 'name the files behind this one, or say --root');
    else reader.takes(patterns?.from ?? [], ...matching);
    found.push(...matching);
  }
  reader.close();
  return found;
}
