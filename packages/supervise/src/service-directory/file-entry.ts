/** Entries of a rendered directory. */
import type { EmptyDirectory, FileEntry, RegularFile } from '@muster/core/model/definition';

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

export function emptyDirectory(path: string): EmptyDirectory {
  return { kind: 'directory', path, mode: 0o755 };
}

/** The same under another name; a file is made executable. */
export function executable(file: FileEntry, path = file.path): FileEntry {
  return file.kind === 'file' ? { ...file, path, mode: file.mode | 0o755 } : { ...file, path };
}
