/** From a compiled database to everything up. Each side has compiled before; s6-svscan runs already, the other trees do not. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DinitSite } from '../shared/dinit.ts';
import { floorSide } from '../shared/floor.ts';
import { type Bar, MUSTER, type RowPlan, type Side, timed } from '../shared/row.ts';
import { must, type S6Tree, startS6 } from '../shared/s6-scandir.ts';
import { isHere, type Shape, Site } from '../shared/site.ts';

export const TWO_COMMANDS = 'rc-init, then rc-change';

/** `each`: milliseconds are divided by so many. */
interface Boot {
  readonly title: string;
  readonly shape: Shape;
  readonly services: number;
  readonly each: number;
  readonly bars: readonly Bar[];
}

export function bootRows(directory: string, sizes: readonly number[]): RowPlan[] {
  const dinit: Readonly<Record<number, number>> = { 10: 1.6, 100: 1, 1000: 0.95 };
  const boots = sizes.map((services) => ({
    title: `boot of ${services.toLocaleString('en')}`,
    shape: 'layers' as const,
    services,
    each: 1,
    bars: barOf('dinit', dinit[services]),
  }));
  const chains = sizes
    .filter((services) => services >= 1000)
    .map((services) => ({
      title: `a step of a chain of ${services.toLocaleString('en')}`,
      shape: 'chain' as const,
      services,
      each: services,
      bars: barOf('dinit', 0.8),
    }));
  return [...boots.toReversed(), ...chains].map((boot) => rowOf(directory, boot));
}

function barOf(of: string, atMost: number | undefined): Bar[] {
  return atMost === undefined ? [] : [{ of, atMost }];
}

function rowOf(directory: string, { title, shape, services, each, bars }: Boot): RowPlan {
  return {
    title,
    unit: 'ms',
    bars,
    open: () => {
      const site = new Site(directory, services, shape);
      const sides = [oneCommand(site), twoCommands(site), ...s6Side(site, services), ...dinitSide(site)];
      const shared = sides.map((side) => ({ ...side, once: async () => (await side.once()) / each }));
      const floor = floorSide(site.root, services);
      const remove = () => site.remove();
      return [...shared, { ...floor, once: async () => (await floor.once()) / each, end: remove }];
    },
  };
}

function oneCommand(site: Site): Side {
  return {
    who: MUSTER,
    once: async () => {
      const took = await timed(() => site.muster('rc-init', '--change', 'all'));
      site.muster('rc-shutdown');
      return took;
    },
  };
}

function twoCommands(site: Site): Side {
  return {
    who: TWO_COMMANDS,
    once: async () => {
      const took = await timed(() => {
        site.muster('rc-init');
        site.muster('rc-change', 'all');
      });
      site.muster('rc-shutdown');
      return took;
    },
  };
}

function s6Side(site: Site, services: number): Side[] {
  if (!isHere('s6-rc') || !isHere('s6-svscan')) return [];
  const [scandir, live, compiled] = ['s6-scan', 's6-live', 's6-compiled'].map((name) => join(site.root, name)) as [
    string,
    string,
    string,
  ];
  must(['s6-rc-compile', compiled, site.source]);
  let tree: S6Tree;
  return [
    {
      who: 's6-rc',
      once: async () => {
        tree = await startS6(scandir, services);
        try {
          return await timed(() => {
            must(['s6-rc-init', '-c', compiled, '-l', live, scandir]);
            must(['s6-rc', '-l', live, '-u', 'change', 'all']);
          });
        } finally {
          must(['s6-rc', '-l', live, '-d', '-b', 'change', 'all']);
          await tree.end();
          for (const path of [live, scandir]) rmSync(path, { recursive: true, force: true });
          for (const path of new Bun.Glob('s6-live*').scanSync({ cwd: site.root, onlyFiles: false }))
            rmSync(join(site.root, path), { recursive: true, force: true });
        }
      },
    },
  ];
}

function dinitSide(site: Site): Side[] {
  if (!isHere('dinit')) return [];
  const dinit = new DinitSite(join(site.root, 'dinit'), site.source);
  return [
    {
      who: 'dinit',
      once: async () => {
        const took = await timed(() => dinit.boot());
        await dinit.shutdown();
        return took;
      },
    },
  ];
}
