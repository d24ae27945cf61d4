/** Of services whose lines `rc-log` cannot show: where they go. */

import type { Unkept } from '@muster/control/logs/selection';
import type { Opened } from '@muster/control/open/read';
import type { ServiceId } from '@muster/core/model/database';
import { linkTarget } from '@muster/posix/absence';
import type { Backend } from '@muster/store/live/backend';
import { runsvdirOf } from '@muster/supervisors/runit/runsvdir-process';
import { svscanOf } from '@muster/supervisors/s6/svscan-process';
import { listed, namesOf } from '../render/names.ts';
import { visible } from '../render/visible.ts';

/** A text for each place. */
export function unkeptTexts({ live, database }: Opened, unkept: readonly Unkept[]): string[] {
  const writers = new Map<ServiceId | null, ServiceId[]>();
  for (const { service, logger } of unkept) writers.set(logger, [...(writers.get(logger) ?? []), service]);
  return [...writers].map(([logger, services]) => {
    if (logger === null) return unloggedText(namesOf(database, services), live.backend);
    const others = services.filter((service) => service !== logger);
    const writing = others.length === 0 ? '' : ` has what ${listed(namesOf(database, others))} wrote, and it`;
    const run = 'names no log directory in its run, or has not made it yet';
    return `not shown: the logger ${database.names[logger]}${writing} ${run}`;
  });
}

function unloggedText(names: readonly string[], backend: Backend): string {
  const without = names.length === 1 ? 'has no logger, and what it writes' : 'have no logger, and what they write';
  const way = 'a file log in the definition gives a service a log of its own';
  return `not shown: ${listed(names)} ${without} goes to ${outputOfTree(backend)}; ${way}`;
}

/** What it starts without a logger has its output from it. */
function outputOfTree({ kind, scandir }: Backend): string {
  const [program, pid] =
    kind === 's6' ? ['s6-svscan', svscanOf(scandir)] : ['runsvdir', runsvdirOf(scandir)?.pid ?? null];
  if (pid === null) return `the standard output and error of ${program}`;
  const [output, error] = [1, 2].map((descriptor) => linkTarget(`/proc/${pid}/fd/${descriptor}`));
  const tree = `the standard output and error of ${program} (pid ${pid})`;
  // Not everybody may see that.
  if (!output || !error) return tree;
  const places = output === error ? visible(output) : `${visible(output)} and ${visible(error)}`;
  return `${tree}: ${places}${output === '/dev/null' && error === output ? ', where nobody keeps it' : ''}`;
}
