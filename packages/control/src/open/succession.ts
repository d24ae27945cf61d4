/** Whether a live directory is still what it was when it was opened: for who looks at it for long. */
import { type FSWatcher, readlinkSync, statSync, watch } from 'node:fs';
import type { Live } from '@muster/store/live/open';
import { type LivePaths, STATE_FILE } from '@muster/store/live/paths';
import { UNHEARD } from '../events.ts';
import { type Opened, openForReading } from './read.ts';

export interface Onlooker {
  /** At every look, first of all. */
  looks(): void;
  /** An update has taken place after `since` (milliseconds since the epoch). `opened` is the onlooker's to close. */
  moved(opened: Opened, since: number): void;
  /** The live directory has ended. Nothing is looked at after that. */
  ended(): void;
  /** A look, or what the onlooker does at it, threw `error`. Nothing is looked at after that. */
  failed(error: unknown): void;
}

/** Looks every `period` milliseconds, and when the kernel says that something has changed, until it is closed. */
export function followSuccession(
  { live }: Pick<Opened, 'live'>,
  period: number,
  onlooker: Onlooker,
): { close(): void } {
  const { root } = live.paths;
  const succession = new Succession(live);
  let isBehind = false;
  let isClosed = false;
  let since = Date.now();
  const look = () => {
    const now = Date.now();
    onlooker.looks();
    if (succession.hasEnded) {
      close();
      onlooker.ended();
      return;
    }
    isBehind = succession.tookPlace() || isBehind;
    // Refused: the next update is at it, or its end. That is seen by the next look.
    const opened = isBehind ? openForReading(root, UNHEARD) : null;
    if (opened?.ok) {
      isBehind = false;
      onlooker.moved(opened.value, since);
    }
    if (!isBehind) since = now;
  };
  // Neither a timer nor the kernel has anybody to pass an error on to.
  const lookOrFail = () => {
    if (isClosed) return;
    try {
      look();
    } catch (error) {
      close();
      onlooker.failed(error);
    }
  };
  const looks = setInterval(lookOrFail, period);
  const watcher = watcherOf(root, lookOrFail);
  const close = () => {
    isClosed = true;
    watcher?.close();
    clearInterval(looks);
  };
  return { close };
}

/** Null where there is none to be had: then only time tells. */
function watcherOf(root: string, changed: () => void): FSWatcher | null {
  try {
    const watcher = watch(root, changed);
    // The kernel tells who watches a directory that it is gone; that is seen by looking.
    watcher.on('error', () => {});
    return watcher;
  } catch {
    return null;
  }
}

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

/** The link to the database, and the records that it leads to. Null if it is just being removed. */
function versionOf(paths: LivePaths): string | null {
  try {
    return `${readlinkSync(paths.db)} ${inodeOf(`${paths.db}/${STATE_FILE}`)}`;
  } catch {
    return null;
  }
}
