/** Entries of a rendered directory. */
import type { Directory, FileEntry, RegularFile } from '@muster/core/model/definition';
import { scriptMode } from '@muster/core/model/modes';

const UTF8 = new TextEncoder();

function textFile(path: string, text: string): RegularFile {
  return { kind: 'file', path, mode: 0o644, content: UTF8.encode(text) };
}

/** A file of one line. */
export function setting(path: string, value: string | number): RegularFile {
  return textFile(path, `${value}\n`);
}

export function flagFile(path: string): RegularFile {
  return { kind: 'file', path, mode: 0o644, content: new Uint8Array(0) };
}

export function script(path: string, lines: readonly string[]): RegularFile {
  return { kind: 'file', path, mode: 0o755, content: UTF8.encode(`${['#!/bin/sh', ...lines].join('\n')}\n`) };
}

export function emptyDirectory(path: string): Directory {
  return { kind: 'directory', path, mode: 0o755 };
}

/** The same under another name; a file is made executable. */
export function executable(file: FileEntry, path = file.path): FileEntry {
  return file.kind === 'file' ? { ...file, path, mode: scriptMode(file.mode) } : { ...file, path };
}

/** The same entry, for its owner alone. */
export function ownersOnly(entry: FileEntry): FileEntry {
  return entry.kind === 'link' ? entry : { ...entry, mode: entry.mode & 0o700 };
}

/** A file that is locked. Who may read it may share the lock, and so keep its owner from having it. */
export function lockedFile(path: string): FileEntry {
  return ownersOnly(flagFile(path));
}
