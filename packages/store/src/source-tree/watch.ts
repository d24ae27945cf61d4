/** Tells when something in a source changed. */
import { type FSWatcher, watch } from 'node:fs';

/** Changes come in bursts: an editor renames, a package manager writes hundreds of files. */
const QUIET = 100;

/** Something that never stops changing is looked at nevertheless. */
const PATIENCE = 1000;

export interface SourceWatch {
  close(): void;
}

/** Calls `changed` when nothing more has changed for 100 ms, or a second after the first change. A source that does not exist is not watched. */
export function watchSources(paths: readonly string[], changed: () => void): SourceWatch {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = 0;
  const ring = () => {
    timer = undefined;
    changed();
  };
  const soon = () => {
    if (timer === undefined) first = performance.now();
    else if (performance.now() - first > PATIENCE) return;
    clearTimeout(timer);
    timer = setTimeout(ring, QUIET);
  };
  const watchers = paths.flatMap((path) => watcherOf(path, soon) ?? []);
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

function watcherOf(path: string, changed: () => void): FSWatcher | null {
  try {
    const watcher = watch(path, { recursive: true }, changed);
    watcher.on('error', changed);
    return watcher;
  } catch {
    return null;
  }
}
