/** What compiles and is probably a mistake, between definitions. */
import type { Report } from '../../diagnostics/report.ts';
import { reachable } from '../../graph/closure.ts';
import { union } from '../../graph/edge-list.ts';
import { targetsOf } from '../../graph/edges.ts';
import { hasFlag } from '../../model/database.ts';
import { edgeNote, type World } from '../circles.ts';
import { showName } from '../names.ts';
import type { Relations } from '../relations.ts';

/** An essential service stops with what it needs, whatever its flag says. */
export function lintEssential(relations: Relations, flags: Uint8Array, world: World, report: Report): void {
  for (let id = 0; id < flags.length; id++) {
    if (!hasFlag({ flags }, id, 'essential')) continue;
    for (const needed of targetsOf(relations.needs, id)) {
      if (hasFlag({ flags }, needed, 'essential')) continue;
      const [a, b] = [showName(world.services[id]!.name), showName(world.services[needed]!.name)];
      report.add('essential-needs-ordinary', `${a} is essential, and needs ${b}, which is not`, {
        at: edgeNote(id, needed, world).at,
        hint: `make ${b} essential too; else it cannot be stopped without force either`,
      });
    }
  }
}

/** Services that no bundle starts; in a source without bundles, every service stands for itself. */
export function lintUnreached(relations: Relations, flags: Uint8Array, world: World, report: Report): void {
  if (world.bundleNames.length === 0) return;
  const starts = union(flags.length, [relations.needs, relations.wants]);
  const reached = reachable(starts, world.bundleMembers.targets);
  world.services.forEach((service, id) => {
    if (reached[id] === 1 || hasFlag({ flags }, id, 'manual')) return;
    report.add('unreached', `no bundle reaches ${showName(service.name)}`, {
      at: { file: service.path },
      hint: 'add it to a bundle, or give it a flag-manual if it is started by hand only',
    });
  });
}
