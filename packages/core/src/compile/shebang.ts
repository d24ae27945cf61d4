/** The first line of a script. */
import type { SourceFile } from './source.ts';

const DECODER = new TextDecoder('utf-8');

export function isExecutable(file: SourceFile): boolean {
  return (file.mode & 0o111) !== 0;
}

export function hasShebang(bytes: Uint8Array): boolean {
  return bytes[0] === 0x23 && bytes[1] === 0x21;
}

/** Whether it names an interpreter that is not execlineb: scripts for that one are command lines as others are. */
export function isForOther(bytes: Uint8Array): boolean {
  const interpreter = interpreterOf(bytes);
  return interpreter !== null && basename(interpreter) !== 'execlineb';
}

const SHELLS: ReadonlySet<string> = new Set(
  'sh ash bash dash ksh ksh93 mksh lksh oksh pdksh posh rbash yash zsh fish busybox toybox csh tcsh rc es elvish nu'.split(
    ' ',
  ),
);

/** Whether it names a shell: what follows is nothing that could be meant as one command line for execline. */
export function isForShell(bytes: Uint8Array): boolean {
  const interpreter = interpreterOf(bytes);
  return interpreter !== null && SHELLS.has(basename(interpreter));
}

/** A file that is executed as it is, and not one command line. */
export function isScript(file: SourceFile): boolean {
  return isForOther(file.bytes) && (isExecutable(file) || isForShell(file.bytes));
}

/** The name of a program without its directory. */
export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The path after `#!`; behind env(1), the name that it is given. Null if there is no shebang. */
function interpreterOf(bytes: Uint8Array): string | null {
  if (!hasShebang(bytes)) return null;
  const words = firstLine(bytes)
    .slice(2)
    .trim()
    .split(/[ \t]+/);
  if (words[0] === undefined || words[0] === '') return null;
  if (basename(words[0]) !== 'env') return words[0];
  return words.slice(1).find((word) => !word.startsWith('-') && !word.includes('=')) ?? words[0];
}

/** Without its newline; only as much of it as the kernel looks at. */
function firstLine(bytes: Uint8Array): string {
  const end = bytes.subarray(0, 256).indexOf(0x0a);
  return DECODER.decode(bytes.subarray(0, end === -1 ? 256 : end));
}
