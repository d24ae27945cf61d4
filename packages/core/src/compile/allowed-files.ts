/**
 * What a longrun may have among its files: those that the compiler takes out of a source, under their names there. A
 * service directory is made of them, so that anything else could lie in the place of what a supervisor keeps, or outside.
 */
import type { FileEntry } from '../model/definition.ts';
import { copiedMode, directoryMode, isOpenDirectory, isOpenFile, scriptMode } from '../model/modes.ts';

const SCRIPTS: ReadonlySet<string> = new Set(['run', 'finish', 'ready-check']);
const TREES: ReadonlySet<string> = new Set(['data', 'env', 'template']);
/** Empty directories beside a `template/`. */
const PLACES: ReadonlySet<string> = new Set(['instance', 'instances']);
const LONGEST_NAME = 255;

/** What no compiler writes about them, in one sentence; null if they are as they should be. */
export function faultOfFiles(files: readonly FileEntry[]): string | null {
  const others = new Set<string>();
  let last = '';
  for (const file of files) {
    const fault = faultOfPath(file.path) ?? faultOfKind(file) ?? faultOfMode(file);
    if (fault !== null) return fault;
    if (file.path <= last) return `its files are not in order at ${JSON.stringify(file.path)}`;
    last = file.path;
    if (isBelowAny(file.path, others)) return `${JSON.stringify(file.path)} lies below what is no directory`;
    if (file.kind !== 'directory') others.add(file.path);
  }
  return null;
}

/** Whether everybody may read them. */
export function areOpenFiles(files: readonly FileEntry[]): boolean {
  return files.every(isOpen);
}

function isOpen(file: FileEntry): boolean {
  switch (file.kind) {
    case 'link':
      return true;
    case 'directory':
      return isOpenDirectory(file.mode);
    case 'file':
      return isOpenFile(file.mode);
  }
}

function faultOfPath(path: string): string | null {
  const names = path.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..' || name.includes('\0')))
    return `${JSON.stringify(path)} is no path of a file`;
  if (names.some((name) => name.length * 3 > LONGEST_NAME && new TextEncoder().encode(name).length > LONGEST_NAME))
    return 'the name of a file is too long';
  return null;
}

function faultOfKind(file: FileEntry): string | null {
  const { path, kind } = file;
  const [top = path] = path.split('/', 1);
  if (kind === 'link' && (file.target === '' || file.target.includes('\0')))
    return `${JSON.stringify(path)} is a link to nowhere`;
  const isInTree = TREES.has(top) && (path !== top || kind === 'directory');
  const isScript = SCRIPTS.has(path) && kind === 'file';
  return isInTree || isScript || (PLACES.has(path) && kind === 'directory')
    ? null
    : `${JSON.stringify(path)} is no file of a longrun`;
}

function faultOfMode(file: FileEntry): string | null {
  if (file.kind === 'link') return null;
  const { path, mode, kind } = file;
  const kept = kind === 'directory' ? directoryMode(mode) : copiedMode(mode);
  const isRight = mode === kept && (!SCRIPTS.has(path) || mode === scriptMode(mode));
  return isRight ? null : `${JSON.stringify(path)} has the mode 0${mode.toString(8)}`;
}

function isBelowAny(path: string, others: ReadonlySet<string>): boolean {
  for (let end = path.lastIndexOf('/'); end !== -1; end = path.lastIndexOf('/', end - 1))
    if (others.has(path.slice(0, end))) return true;
  return false;
}
