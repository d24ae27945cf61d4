/** What the supervisors of so many services take: their proportional set size, once a burst of starts has been tidied up after. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { outputFileSync } from 'fs-extra/esm';
import { eventually } from '../../../packages/posix/test/eventually.ts';
import { DinitSite } from '../shared/dinit.ts';
import { leanRun } from '../shared/pause.ts';
import { type Bar, MUSTER, medianOf, type RowPlan, type Side } from '../shared/row.ts';
import { startS6 } from '../shared/s6-scandir.ts';
import { isHere } from '../shared/site.ts';
import { makeLayers } from '../shared/trees.ts';

/** Samples of one tree, and milliseconds between them. */
const SAMPLES = 3;
const SETTLED = 4000;
const BETWEEN = 500;
const LONGEST = 240_000;

const S6 = 's6-svscan and s6-supervise';

export function memoryRows(directory: string, sizes: readonly number[]): RowPlan[] {
  return sizes.map((services) => {
    const bars: Bar[] = services === 1000 ? [{ of: S6, atMost: 0.6 }] : [];
    return {
      title: `memory of the supervisors, PSS, ${services.toLocaleString('en')}`,
      unit: 'MB',
      bars,
      rounds: 1,
      open: () => [musterSide(directory, services), ...s6Side(directory, services), ...dinitSide(directory, services)],
    };
  });
}

function musterSide(directory: string, services: number): Side {
  const scandir = join(directory, `memory-muster-${services}`);
  const muster = join(import.meta.dirname, '../../../build/muster');
  return {
    who: MUSTER,
    once: async () => {
      makeScandir(scandir, services);
      const tree = Bun.spawn([muster, 'svscan', scandir], { stdio: ['ignore', 'ignore', 'ignore'] });
      try {
        return await settledSize(tree.pid, services, ['muster']);
      } finally {
        tree.kill('SIGTERM');
        await tree.exited;
      }
    },
    end: () => rmSync(scandir, { recursive: true, force: true }),
  };
}

function s6Side(directory: string, services: number): Side[] {
  if (!isHere('s6-svscan')) return [];
  const scandir = join(directory, `memory-s6-${services}`);
  return [
    {
      who: S6,
      once: async () => {
        makeScandir(scandir, services);
        const tree = await startS6(scandir, services);
        try {
          return await settledSize(tree.pid, services, ['s6-svscan', 's6-supervise']);
        } finally {
          await tree.end();
        }
      },
      end: () => rmSync(scandir, { recursive: true, force: true }),
    },
  ];
}

function dinitSide(directory: string, services: number): Side[] {
  if (!isHere('dinit')) return [];
  const place = join(directory, `memory-dinit-${services}`);
  return [
    {
      who: 'dinit',
      once: async () => {
        makeLayers(join(place, 'source'), services, leanRun(directory));
        const dinit = new DinitSite(join(place, 'dinit'), join(place, 'source'));
        await dinit.boot();
        try {
          return await settledSize(dinit.pid, services, ['dinit']);
        } finally {
          await dinit.shutdown();
        }
      },
      end: () => rmSync(place, { recursive: true, force: true }),
    },
  ];
}

function makeScandir(scandir: string, services: number): void {
  const { run } = leanRun(join(scandir, '..'));
  for (let index = 0; index < services; index++)
    outputFileSync(join(scandir, `service-${index}`, 'run'), run, { mode: 0o755 });
}

/** MB, of the process `root` and of what is called by one of `names` below it. */
async function settledSize(root: number, services: number, names: readonly string[]): Promise<number> {
  const isSupervisor = (pid: number) => names.includes(text(`/proc/${pid}/comm`).trim());
  const daemons = () => descendants(root).filter((pid) => !isSupervisor(pid)).length;
  await eventually(`${services} daemons`, () => daemons() >= services, LONGEST);
  await Bun.sleep(SETTLED);
  const samples: number[] = [];
  for (let count = 0; count < SAMPLES; count++) {
    const pids = [root, ...descendants(root).filter(isSupervisor)];
    samples.push(pids.reduce((sum, pid) => sum + proportional(pid), 0));
    await Bun.sleep(BETWEEN);
  }
  return medianOf(samples);
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? text(`/proc/${entry}/stat`) : '';
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (stat === '') continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [Number(entry)]);
    else siblings.push(Number(entry));
  }
  const found: number[] = [];
  for (let next = children.get(root) ?? []; next.length > 0; next = next.flatMap((pid) => children.get(pid) ?? []))
    found.push(...next);
  return found;
}

/** MB. */
function proportional(pid: number): number {
  return Number(/^Pss: +(\d+)/m.exec(text(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1024;
}

/** Empty if the process is gone. */
function text(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
