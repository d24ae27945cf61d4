/** Permission bits of what is copied: never wider than those of the original. */

const READABLE = 0o044;
const SEARCHABLE = 0o055;

/** Of a script, which must be executable: by everybody who may read it. */
export function scriptMode(mode: number): number {
  return 0o700 | (mode & SEARCHABLE) | ((mode & READABLE) >> 2);
}

/** Of a file that is copied as it is. Whose it becomes is not said, so that it never runs as its owner. */
export function copiedMode(mode: number): number {
  return mode & 0o777;
}

/** Of a directory, which its owner must be able to fill. */
export function directoryMode(mode: number): number {
  return 0o700 | (mode & SEARCHABLE);
}

/** Of a directory that is for everybody to look into. */
export const OPEN_DIRECTORY = 0o755;

/** Whether a file of this mode can be read by everybody. */
export function isOpenFile(mode: number): boolean {
  return (mode & 0o004) !== 0;
}

/** Whether everybody can list a directory of this mode, and go through it. */
export function isOpenDirectory(mode: number): boolean {
  return (mode & 0o005) === 0o005;
}
