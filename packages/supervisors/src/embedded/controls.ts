import type { Database } from '@muster/core/model/database';
import { controlPath } from '@muster/protocol/oneshots/protocol';
import { serviceControls } from '../controls.ts';
import type { LivePlace } from '../supervisor-adapter.ts';

/** The FIFOs that the tree reads once it answers. */
export function treeControls({ paths }: LivePlace, database: Database): string[] {
  return [controlPath(paths.oneshots), ...serviceControls(paths, database)];
}
