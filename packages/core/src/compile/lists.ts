/** Lists of names: directories whose entries are the names, and the classic files with one name a line. */
import { ON_DEPENDENCY_RESTART } from '../model/database.ts';
import { type DefinitionFiles, reportUnreadable } from './files.ts';
import { checkName, showText } from './names.ts';
import { NO_REFERENCES, type Reference, type References } from './parsed.ts';
import type { SourceEntry } from './source.ts';

/** `X.d`, else the file `X`; null if neither is there, or if the one that counts cannot be used. */
export function readNames(files: DefinitionFiles, directory: string, file: string): References | null {
  return files.has(directory) ? readNameDirectory(files, directory) : readNameFile(files, file);
}

/** One entry a name; hidden entries are none, and what the entries are does not matter. */
export function readNameDirectory(files: DefinitionFiles, directory: string): References | null {
  const found = files.directory(directory)?.entries ?? null;
  if (found === null) return null;
  const entries: Reference[] = [];
  for (const [name, entry] of found) {
    if (!isName(files, directory, name, entry)) continue;
    entries.push({ name, line: 0, onRestart: 0 });
  }
  return { list: directory, entries };
}

/** As `readNameDirectory`, for `dependencies.d`: an entry may hold a word of `ON_DEPENDENCY_RESTART`. */
export function readDependencyDirectory(files: DefinitionFiles): References {
  const found = files.directory('dependencies.d')?.entries ?? null;
  if (found === null) return NO_REFERENCES;
  const entries: Reference[] = [];
  for (const [name, entry] of found) {
    if (!isName(files, 'dependencies.d', name, entry)) continue;
    entries.push({ name, line: 0, onRestart: entry.kind === 'file' ? readWord(files, name, entry) : 0 });
  }
  return { list: 'dependencies.d', entries };
}

/** What the entries are does not matter, unless not even their names can be read. */
function isName(files: DefinitionFiles, directory: string, name: string, entry: SourceEntry): boolean {
  if (name.startsWith('.')) return false;
  if (entry.kind === 'unreadable' && entry.cause.kind === 'not-utf8') {
    reportUnreadable(entry.cause, files.place(directory), files.report);
    return false;
  }
  return checkName(name, files.place(`${directory}/${name}`), files.report);
}

function readWord(files: DefinitionFiles, name: string, entry: SourceEntry & { kind: 'file' }): number {
  if (entry.bytes.length === 0) return 0;
  const text = LENIENT.decode(entry.bytes).trim();
  const word = (ON_DEPENDENCY_RESTART as readonly string[]).indexOf(text);
  if (word !== -1 || text === '') return Math.max(word, 0);
  files.report.add('text-in-entry', `the text ${showText(text.slice(0, 60))} in this entry means nothing`, {
    at: files.place(`dependencies.d/${name}`, 1),
    hint: `the entry's name says what is needed; its content may be one word: ${ON_DEPENDENCY_RESTART.join(', ')}`,
  });
  return 0;
}

const LENIENT = new TextDecoder('utf-8');

/** One name a line, blanks in front ignored, lines that are empty or start with `#` ignored; null if it is absent. */
export function readNameFile(files: DefinitionFiles, file: string): (References & { readonly refused: number }) | null {
  const text = files.text(file);
  if (text === null) return null;
  const entries: Reference[] = [];
  const seen = new Set<string>();
  let line = 0;
  let refused = 0;
  for (const raw of text.split('\n')) {
    line++;
    const name = raw.replace(/^[ \t]+/, '');
    if (name === '' || name.startsWith('#') || seen.has(name)) continue;
    seen.add(name);
    if (checkName(name, files.place(file, line), files.report)) entries.push({ name, line, onRestart: 0 });
    else refused++;
  }
  return { list: file, entries, refused };
}
