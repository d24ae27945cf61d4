/** rc-svscan: the embedded supervision tree, in the foreground. */
import { closeSync, writeSync } from 'node:fs';
import { failure, type Result, success } from '@muster/core/result';
import { passOnInheritedDescriptors } from '@muster/posix/descriptors';
import { runWithoutThreads } from '@muster/posix/engine';
import { readRegular } from '@muster/posix/regular-file';
import { livePaths } from '@muster/store/live/paths';
import { CatchAll } from '@muster/tree/catch-all/catch-all';
import { healthFile } from '@muster/tree/health';
import { keptTree } from '@muster/tree/kept-tree';
import { oneshotsInTree } from '@muster/tree/oneshots/companion';
import { differingTree, takeSurroundings } from '@muster/tree/surroundings';
import { Occupied } from '@muster/tree/system/control-pipe';
import { runTree, type TreeOptions } from '@muster/tree/tree';
import type { Call, Command } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { tell } from '../output.ts';

export const command: Command = {
  summary: 'Supervise every service directory of a scandir',
  operands: 'SCANDIR',
  options: {
    'notification-fd': { short: 'd', value: 'FD', help: 'write a newline there once commands are listened to' },
    rescan: { short: 't', value: 'MS', help: 'scan every MS milliseconds (0, the default: when told to)' },
    live: { value: 'DIR', help: 'run the oneshots of this live directory' },
    'catch-all': { help: 'with --live: keep there what services without a logger write' },
    environment: { value: 'FILE', help: 'services get what is in FILE, in the form of /proc/PID/environ' },
    surroundings: { value: 'FILE', help: 'take limits, rights and the like from FILE, as rc-init wrote it' },
    differs: { value: 'TEXT', help: 'what of that cannot be had, a line each: not to be tried again' },
    pipes: { value: 'DIR', help: 'hold the FIFOs in DIR open' },
    'open-files': { value: 'N', help: 'soft limit of open files that services start with' },
  },
  examples: [
    ['rc-svscan /run/service', 'what s6-svscan does, in one process'],
    ['s6-svc -r /run/service/web', "s6's tools work on it"],
  ],
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  runWithoutThreads();
  passOnInheritedDescriptors();
  const [scandir, ...more] = call.operands;
  if (scandir === undefined || more.length > 0) return wrongUsage('rc-svscan', 'one scandir is needed');
  const read = numbersFrom(call);
  if (!read.ok) return wrongUsage('rc-svscan', read.problem);
  const numbers = read.value;
  const differences = differencesFrom(call);
  const live = call.value('live');
  const catchAll = live !== undefined && call.has('catch-all') ? new CatchAll(live) : null;
  const say = (message: string) => (catchAll === null ? tell(`${message}\n`) : catchAll.say(message));
  const pipes = call.value('pipes');
  const environment = call.value('environment');
  const openFiles = numbers.get('open-files');
  try {
    await runTree(scandir, {
      rescan: numbers.get('rescan') ?? 0,
      ...(pipes === undefined ? {} : { pipes }),
      ...(environment === undefined ? {} : { environment: readRegular(environment, { follow: true }) }),
      ...partsFor(live, catchAll, differences),
      ...(openFiles === undefined ? {} : { openFiles }),
      warn: (message) => say(`rc-svscan: ${message}`),
      listening: () => notify(numbers.get('notification-fd')),
    });
  } catch (error) {
    tell(`rc-svscan: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof Occupied ? EXIT.usage : EXIT.systemCall;
  } finally {
    catchAll?.close();
  }
  return EXIT.success;
}

/** A problem: what is wrong with one of them. */
function numbersFrom(call: Call): Result<ReadonlyMap<string, number>, string> {
  const numbers = new Map<string, number>();
  for (const option of ['notification-fd', 'rescan', 'open-files']) {
    const value = call.value(option);
    if (value === undefined) continue;
    if (!/^\d{1,9}$/.test(value)) return failure(`--${option} takes a number, not '${value}'`);
    numbers.set(option, Number(value));
  }
  return success(numbers);
}

function notify(descriptor: number | undefined): void {
  if (descriptor === undefined) return;
  writeSync(descriptor, '\n');
  closeSync(descriptor);
}

/** May execute this command again, with the answer. */
function differencesFrom(call: Call): readonly string[] {
  const known = call.value('differs');
  if (known !== undefined) return known.split('\n').filter(Boolean);
  const kept = call.value('surroundings');
  return kept === undefined ? [] : takeSurroundings(kept, '--differs');
}

/** What belongs to a live directory. */
function partsFor(
  live: string | undefined,
  catchAll: CatchAll | null,
  differences: readonly string[],
): Partial<TreeOptions> {
  if (live === undefined) return {};
  const paths = livePaths(live);
  return {
    shutdown: [process.execPath, 'shutdown', '--live', live],
    ...(catchAll === null ? {} : { output: catchAll }),
    // The catch-all first: the others write to it.
    companions: [
      ...(catchAll === null ? [] : [catchAll]),
      oneshotsInTree(live),
      healthFile(paths),
      differingTree(paths, differences),
      keptTree(paths),
    ],
  };
}
