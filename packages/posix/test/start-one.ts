/** Run under strace: starts one child with the given number of descriptors open, and marks where that begins and ends. */
import { existsSync, openSync } from 'node:fs';
import { spawnerFor, waitFor } from '@muster/posix/test/started';

const spawner = spawnerFor('native');
for (let open = 0; open < Number(process.argv[2]); open++) openSync('/dev/null', 'r');
const descriptors = [
  [1, 1],
  [2, 2],
] as const;
existsSync('/begin: start');
const pid = spawner.spawn({ path: '/bin/true', argv: ['true'], directory: '/', descriptors });
existsSync('/end: start');
process.exit(waitFor(pid));
