/** Moves what is staged to its place, by renames, and what is not needed any more away from it. */
import { chmodSync, existsSync, lstatSync, readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Scandir } from '../backend.ts';
import { isOwnLink } from '../own-link.ts';
import type { LivePaths } from '../paths.ts';
import { type Arrangement, stagedPaths, unmovedMark } from './arrangement.ts';

/** Moves everything to its place. Begun again after it was interrupted, it goes on where it was. */
export function publish(paths: LivePaths, scandir: Scandir, arrangement: Arrangement): void {
  const staged = stagedPaths(paths);
  const link = (name: string): string => join(scandir.scandir, `${scandir.prefix}${name}`);
  const unlink = (name: string): void => {
    if (scandir.isOwn || isOwnLink(paths.root, link(name))) rmSync(link(name), { force: true });
  };
  for (const { name, supervised } of arrangement.gone) {
    const away = join(staged.gone, name);
    if (existsSync(away)) continue;
    if (supervised) unlink(name);
    moveIfThere(join(paths.services, name), away);
  }
  moveRenamed(paths, arrangement, unlink);
  for (const service of arrangement.services) {
    if (service.was === null) moveIfThere(join(staged.fresh, service.name), join(paths.services, service.name));
    else publishChanges(join(staged.changed, service.name), join(paths.services, service.name), service.obsolete);
  }
  for (const pipe of arrangement.pipes) moveIfThere(join(staged.pipes, pipe), join(paths.pipes, pipe));
  for (const pipe of arrangement.gonePipes) rmSync(join(paths.pipes, pipe), { force: true });
  for (const { name, was, supervised } of arrangement.services) {
    // Who joins somebody else's scandir makes the links there.
    if (!supervised || was === name || !scandir.isOwn) continue;
    moveIfThere(join(staged.links, name), link(name));
  }
}

/** Two steps, since names may be swapped: all of them away from their old names, then all of them to their new ones. */
function moveRenamed(paths: LivePaths, arrangement: Arrangement, unlink: (name: string) => void): void {
  const { moved, movedPipes } = stagedPaths(paths);
  const renamed = arrangement.services.flatMap(({ name, was, supervised }) =>
    was === null || was === name ? [] : [{ name, was, supervised }],
  );
  if (existsSync(unmovedMark(paths))) {
    for (const { name, was, supervised } of renamed) {
      if (existsSync(join(moved, name))) continue;
      if (supervised) unlink(was);
      moveIfThere(join(paths.services, was), join(moved, name));
    }
    for (const [from, to] of arrangement.movedPipes) {
      if (!existsSync(join(movedPipes, to))) moveIfThere(join(paths.pipes, from), join(movedPipes, to));
    }
    unlinkSync(unmovedMark(paths));
  }
  for (const { name } of renamed) moveIfThere(join(moved, name), join(paths.services, name));
  for (const [, to] of arrangement.movedPipes) moveIfThere(join(movedPipes, to), join(paths.pipes, to));
}

function publishChanges(from: string, to: string, obsolete: readonly string[]): void {
  for (const path of obsolete) rmSync(join(to, path), { recursive: true, force: true });
  if (existsSync(from)) merge(from, to);
}

function merge(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    const there = lstatSync(target, { throwIfNoEntry: false });
    if (there !== undefined && there.isDirectory() !== entry.isDirectory()) rmSync(target, { recursive: true });
    if (entry.isDirectory() && there?.isDirectory()) {
      // Before there is anything new in it.
      const { mode } = lstatSync(source);
      if (mode !== there.mode) chmodSync(target, mode & 0o777);
      merge(source, target);
    } else renameSync(source, target);
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
