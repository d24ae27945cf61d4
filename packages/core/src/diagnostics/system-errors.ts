/** What the system's error codes mean, for people: those that a command meets on its way to a file. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EAGAIN', 'it has nothing to give now'],
  ['EBUSY', 'it is in use'],
  ['EDQUOT', 'the quota is used up'],
  ['EEXIST', 'it is there already'],
  ['EFBIG', 'it would be too large'],
  ['EINVAL', 'invalid argument'],
  ['EIO', 'input/output error'],
  ['EISDIR', 'it is a directory'],
  ['ELOOP', 'symbolic links lead in a circle'],
  ['EMFILE', 'too many open files'],
  ['ENAMETOOLONG', 'the path is too long'],
  ['ENFILE', 'too many open files on this machine'],
  ['ENODEV', 'no such device'],
  ['ENOENT', 'no such file or directory'],
  ['ENOMEM', 'not enough memory'],
  ['ENOSPC', 'no space left on the device'],
  ['ENOTDIR', 'not a directory'],
  ['ENXIO', 'no such device or address'],
  ['EPERM', 'operation not permitted'],
  ['EROFS', 'the file system is read-only'],
  ['ESRCH', 'no such process'],
  ['ETXTBSY', 'it is being executed'],
]);

/** `permission denied (EACCES)`; the code alone if it is a rare one. */
export function explainCode(code: string): string {
  const meaning = MEANINGS.get(code);
  return meaning === undefined ? code : `${meaning} (${code})`;
}
