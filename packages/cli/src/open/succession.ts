/** Whether a live directory is still what it was when it was opened: for who looks at it for long. */
import { readlinkSync, statSync } from 'node:fs';
import type { Live } from '@muster/store/live/open';
import { type LivePaths, STATE_FILE } from '@muster/store/live/paths';

export class Succession {
  readonly #paths: LivePaths;
  readonly #home: number | undefined;
  #version: string | null;

  constructor({ paths }: Live) {
    this.#paths = paths;
    this.#home = inodeOf(paths.root);
    this.#version = versionOf(paths);
  }

  /** It was removed, and there is nothing in its place, or another one. */
  get hasEnded(): boolean {
    return inodeOf(this.#paths.root) !== this.#home;
  }

  /** Since it was opened, or since this was last asked, an update has replaced database and records. */
  tookPlace(): boolean {
    const now = versionOf(this.#paths);
    if (now === null || now === this.#version) return false;
    this.#version = now;
    return true;
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/** The link to the database, and the records that it leads to. Null: it is just being removed. */
function versionOf(paths: LivePaths): string | null {
  try {
    return `${readlinkSync(paths.db)} ${inodeOf(`${paths.db}/${STATE_FILE}`)}`;
  } catch {
    return null;
  }
}
