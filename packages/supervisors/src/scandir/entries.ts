/**
 * What lies in the scandir of somebody else's tree because of a live directory: its longruns, and the runner of oneshots, which
 * is one more service there. Its name begins as no definition's may.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { type Database, LONGRUN } from '@muster/core/model/database';
import { controlPath } from '@muster/protocol/oneshots/protocol';
import type { Live } from '@muster/store/live/open';
import { CONTROL_FIFO, RUN_FILE } from '@muster/store/live/service-files';
import { serviceControls } from '../controls.ts';
import { quoted } from '../service-directory/shell.ts';
import type { LivePlace } from '../supervisor-adapter.ts';

export interface Entry {
  /** In the scandir. */
  readonly name: string;
  /** The service directory. */
  readonly target: string;
}

const RUNNER = 's6rc-oneshots';

export function entriesIn({ backend, paths }: LivePlace, { names, kinds }: Database): Entry[] {
  const entries = [{ name: `${backend.prefix}${RUNNER}`, target: runnerDirectory(paths.oneshots) }];
  for (const [service, name] of names.entries()) {
    if (kinds[service] === LONGRUN) entries.push({ name: backend.prefix + name, target: `${paths.services}/${name}` });
  }
  return entries;
}

/** The FIFOs that are read once every supervisor answers. */
export function entryControls({ paths }: LivePlace, database: Database): string[] {
  const { oneshots } = paths;
  return [controlPath(oneshots), `${runnerDirectory(oneshots)}/${CONTROL_FIFO}`, ...serviceControls(paths, database)];
}

export function writeRunnerService({ paths }: Live, muster: string): void {
  const directory = runnerDirectory(paths.oneshots);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  writeFileSync(`${directory}/${RUN_FILE}`, `#!/bin/sh\nexec ${quoted(muster)} oneshots ${quoted(paths.root)}\n`);
  chmodSync(`${directory}/${RUN_FILE}`, 0o755);
}

function runnerDirectory(oneshots: string): string {
  return `${oneshots}/service`;
}
