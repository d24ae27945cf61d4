/** Compiling a source in RAM, beside a bare program of the runtime that reads all of its files; and an unchanged one again. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Bar, MUSTER, type RowPlan, type Side, timed } from '../shared/row.ts';
import { must } from '../shared/s6-scandir.ts';
import { isHere, Site } from '../shared/site.ts';

const BARS: Readonly<Record<number, number>> = { 10: 6, 100: 2, 1000: 0.8, 5000: 0.4 };
const READS = 'floor: the bare runtime reads the files';
const AGAIN = 'again, unchanged';

export function compileRows(directory: string, sizes: readonly number[]): RowPlan[] {
  return sizes.map((services) => {
    const atMost = BARS[services];
    const bars: Bar[] = atMost === undefined ? [] : [{ of: 's6-rc-compile', atMost }];
    return {
      title: `compile of ${services.toLocaleString('en')}`,
      unit: 'ms',
      bars: services >= 5000 ? [...bars, { ours: AGAIN, of: MUSTER, atMost: 1 / 3 }] : bars,
      open: () => sidesOf(new Site(directory, services)),
    };
  });
}

function sidesOf(site: Site): Side[] {
  const afresh = join(site.root, 'afresh');
  const compile = (target: string) => timed(() => site.muster('rc-compile', site.source, target));
  const peer = join(site.root, 's6-compiled');
  const peers: Side[] = isHere('s6-rc-compile')
    ? [
        {
          who: 's6-rc-compile',
          once: async () => {
            const took = await timed(() => must(['s6-rc-compile', peer, site.source]));
            rmSync(peer, { recursive: true });
            return took;
          },
        },
      ]
    : [];
  const reader = join(import.meta.dirname, '../shared/read-tree.ts');
  return [
    {
      who: MUSTER,
      once: async () => {
        // Into a directory of its own, so that nothing of an earlier time lies beside it.
        rmSync(afresh, { recursive: true, force: true });
        must(['mkdir', afresh]);
        return await compile(join(afresh, 'compiled'));
      },
    },
    { who: AGAIN, once: () => compile(site.compiled) },
    ...peers,
    { who: READS, once: () => timed(() => must([process.execPath, reader, site.source])), end: () => site.remove() },
  ];
}
