/** What compiles and is probably a mistake, between definitions. */
import type { Report } from '../../diagnostics/report.ts';
import { reachable } from '../../graph/closure.ts';
import type { Column } from '../../graph/column.ts';
import { union } from '../../graph/edge-list.ts';
import { nodesOf, targetsOf } from '../../graph/edges.ts';
import { entryOf, hasFlag, type ServiceId, serviceId } from '../../model/database.ts';
import { edgeNote, type ResolvedServices } from '../cycles.ts';
import { showName } from '../names.ts';
import type { ParsedService } from '../parsed.ts';
import type { Relations } from '../relations.ts';

/** An essential service stops with what it needs, whatever its flag says. */
export function lintEssential(
  relations: Relations,
  flags: Uint8Array,
  resolved: ResolvedServices,
  report: Report,
): void {
  for (const id of nodesOf(relations.needs)) {
    if (!hasFlag({ flags }, id, 'essential')) continue;
    const ordinary = targetsOf(relations.needs, id).filter((needed) => !hasFlag({ flags }, needed, 'essential'));
    const [first] = ordinary;
    if (first === undefined) continue;
    const needs = listed(ordinary, (needed) => showName(entryOf(resolved.services, needed).name));
    const name = showName(entryOf(resolved.services, id).name);
    const isOne = ordinary.length === 1;
    report.add(
      'essential-needs-ordinary',
      `${name} is essential, and needs ${needs}, which ${isOne ? 'is' : 'are'} not`,
      {
        at: edgeNote(id, first, resolved).at,
        hint: `make ${isOne ? needs : 'them'} essential too; else ${isOne ? 'it' : 'they'} cannot be stopped without force either`,
      },
    );
  }
}

/** The logger that comes first locks the directory, and the other one is refused. */
export function lintLogDirectories(services: readonly ParsedService[], report: Report): void {
  const writers = new Map<string, ParsedService>();
  for (const service of services) {
    const { definition } = service;
    if (definition.type === 'oneshot' || definition.logger === null) continue;
    const directory = definition.logger.directory.replace(/(.)\/+$/, '$1');
    const other = writers.get(directory);
    if (other === undefined) writers.set(directory, service);
    else
      report.add(
        'shared-log-directory',
        `${showName(other.name)} and ${showName(service.name)} write into one directory, ${directory}`,
        {
          at: service.place('log'),
          notes: service.path === other.path ? [] : [{ message: 'the other one is here', at: other.place('log') }],
          hint: 'give each a directory of its own; in a template, %i in it stands for the instance',
        },
      );
  }
}

/** A bundle may stand for thousands. */
const MOST_LISTED = 3;

function listed(ids: Column<ServiceId>, nameOf: (id: ServiceId) => string): string {
  const isLong = ids.length > MOST_LISTED + 1;
  const names = [...(isLong ? ids.subarray(0, MOST_LISTED) : ids)].map(nameOf);
  if (isLong) return `${names.join(', ')} and ${ids.length - MOST_LISTED} more`;
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Services that no bundle starts; in a source without bundles, every service stands for itself. */
export function lintUnreached(
  relations: Relations,
  flags: Uint8Array,
  resolved: ResolvedServices,
  report: Report,
): void {
  if (resolved.bundleNames.length === 0) return;
  const starts = union(flags.length, [relations.needs, relations.wants]);
  const reached = reachable(starts, resolved.bundleMembers.targets);
  resolved.services.forEach((service, id) => {
    if (reached[id] === 1 || hasFlag({ flags }, serviceId(id), 'manual')) return;
    report.add('unreached', `no bundle reaches ${showName(service.name)}`, {
      at: { file: service.path },
      hint: 'add it to a bundle, or give it a flag-manual if it is started by hand only',
    });
  });
}
