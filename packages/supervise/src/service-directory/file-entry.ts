/** Entries of a rendered directory. */
import type { FileEntry } from '@muster/core/model/definition';

const UTF8 = new TextEncoder();

function textFile(path: string, text: string): FileEntry {
  return { path, mode: 0o644, content: UTF8.encode(text) };
}

/** A file of one line. */
export function setting(path: string, value: string | number): FileEntry {
  return textFile(path, `${value}\n`);
}

export function flagFile(path: string): FileEntry {
  return { path, mode: 0o644, content: new Uint8Array(0) };
}

export function script(path: string, lines: readonly string[]): FileEntry {
  return { path, mode: 0o755, content: UTF8.encode(`${['#!/bin/sh', ...lines].join('\n')}\n`) };
}

export function emptyDirectory(path: string): FileEntry {
  return { path, mode: 0o755, content: null };
}

/** The same file under another name, or made executable. */
export function executable(file: FileEntry, path = file.path): FileEntry {
  return { path, mode: file.mode | 0o755, content: file.content };
}
