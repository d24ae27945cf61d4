/**
 * A link by whose name others read a log, made before its logger begins. As root only where nobody else could have arranged the
 * path (walk.ts); elsewhere the logger's user makes it. Nothing but a link is ever replaced.
 */
import { closeSync, constants, lstatSync, openSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { CURRENT } from '@muster/protocol/logs/log-directory';
import { OddFile } from './odd-file.ts';
import { walkTo } from './walk.ts';

const { O_DIRECTORY, O_RDONLY } = constants;

/** `path` and `directory` are absolute. Throws OddFile or ErrnoException. */
export function linkCurrent(path: string, directory: string): void {
  const target = `${directory}/${CURRENT}`;
  const parent = openParent(dirname(path));
  const place = `/proc/self/fd/${parent}/${basename(path)}`;
  try {
    const found = lstatSync(place, { throwIfNoEntry: false });
    if (found === undefined) symlinkSync(target, place);
    else if (!found.isSymbolicLink()) throw new OddFile('it is there, and no link: move it away');
    else if (readlinkSync(place) !== target) {
      const next = `${place}.new`;
      rmSync(next, { force: true });
      symlinkSync(target, next);
      renameSync(next, place);
    }
  } finally {
    closeSync(parent);
  }
}

function openParent(path: string): number {
  if (process.geteuid!() !== 0) return openSync(path, O_RDONLY | O_DIRECTORY);
  const { descriptor, isTrusted } = walkTo(path);
  if (isTrusted) return descriptor;
  closeSync(descriptor);
  throw new OddFile(`${path} is not root's alone`);
}
