/** Tells when something in a source changed. */
import { type FSWatcher, watch } from 'node:fs';

/** Changes come in bursts: an editor renames, a package manager writes hundreds of files. */
const QUIET = 100;

export interface SourceWatch {
  close(): void;
}

/** Calls `changed` when nothing more has changed for 100 ms. A source that does not exist is not watched. */
export function watchSources(paths: readonly string[], changed: () => void): SourceWatch {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, QUIET);
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
