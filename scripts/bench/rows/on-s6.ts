/** `rc-change` and `s6-rc change` on the same kind of tree: a real s6-svscan for each. */
import { join } from 'node:path';
import { MUSTER, type RowPlan, timed } from '../shared/row.ts';
import { must, startS6 } from '../shared/s6-scandir.ts';
import { isHere, Site } from '../shared/site.ts';

export function onS6Rows(directory: string, sizes: readonly number[]): RowPlan[] {
  if (!isHere('s6-rc') || !isHere('s6-svscan')) return [];
  return sizes.toReversed().map((services) => ({
    title: `everything up on real s6, ${services.toLocaleString('en')}`,
    unit: 'ms',
    bars: services === 1000 ? [{ of: 's6-rc', atMost: 0.35 }] : [],
    open: async () => {
      const site = new Site(directory, services);
      const trees = await Promise.all(['one', 'other'].map((name) => startS6(join(site.root, name), services)));
      const live = join(site.root, 's6-live');
      site.muster('rc-init', '-b', 's6', '--scandir', join(site.root, 'one'));
      must(['s6-rc-compile', join(site.root, 's6-compiled'), site.source]);
      must(['s6-rc-init', '-c', join(site.root, 's6-compiled'), '-l', live, join(site.root, 'other')]);
      return [
        {
          who: MUSTER,
          once: async () => {
            const took = await timed(() => site.muster('rc-change', 'all'));
            site.muster('rc-change', '-d', 'all');
            return took;
          },
        },
        {
          who: 's6-rc',
          once: async () => {
            const took = await timed(() => must(['s6-rc', '-l', live, '-u', 'change', 'all']));
            must(['s6-rc', '-l', live, '-d', 'change', 'all']);
            return took;
          },
          end: async () => {
            site.muster('rc-shutdown');
            for (const tree of trees) await tree.end();
            site.remove();
          },
        },
      ];
    },
  }));
}
