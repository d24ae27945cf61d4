/** Of services whose lines `rc-log` cannot show: where they go. */

import type { Unkept } from '@muster/control/logs/selection';
import type { Opened } from '@muster/control/open/read';
import type { ServiceId } from '@muster/core/model/database';
import { linkTarget } from '@muster/posix/absence';
import type { Live } from '@muster/store/live/open';
import { supervisorFor } from '@muster/supervisors/supervisor-table';
import { listed, namesOf } from '../render/names.ts';
import { visible } from '../render/visible.ts';

/** A text for each place. */
export function unkeptTexts({ live, database }: Opened, unkept: readonly Unkept[]): string[] {
  const writers = new Map<ServiceId | null, ServiceId[]>();
  for (const { service, logger } of unkept) writers.set(logger, [...(writers.get(logger) ?? []), service]);
  return [...writers].map(([logger, services]) => {
    if (logger === null) return unloggedText(namesOf(database, services), live);
    const others = services.filter((service) => service !== logger);
    const writing = others.length === 0 ? '' : ` has what ${listed(namesOf(database, others))} wrote, and it`;
    const run = 'names no log directory in its run, or has not made it yet';
    return `not shown: the logger ${database.names[logger]}${writing} ${run}`;
  });
}

function unloggedText(names: readonly string[], live: Live): string {
  const without = names.length === 1 ? 'has no logger, and what it writes' : 'have no logger, and what they write';
  const way = 'a file log in the definition gives a service a log of its own';
  return `not shown: ${listed(names)} ${without} goes to ${outputOfTree(live)}; ${way}`;
}

/** What it starts without a logger has its output from it. */
function outputOfTree(live: Live): string {
  const { program, treeProcess } = supervisorFor(live);
  const pid = treeProcess(live.backend.scandir);
  if (pid === null) return `the standard output and error of ${program}`;
  const [output, error] = [1, 2].map((descriptor) => linkTarget(`/proc/${pid}/fd/${descriptor}`));
  const tree = `the standard output and error of ${program} (pid ${pid})`;
  // Not everybody may see that.
  if (!output || !error) return tree;
  const places = output === error ? visible(output) : `${visible(output)} and ${visible(error)}`;
  return `${tree}: ${places}${output === '/dev/null' && error === output ? ', where nobody keeps it' : ''}`;
}
