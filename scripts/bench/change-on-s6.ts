/**
 * How long everything takes to come up, and to go down again, on a real s6-svscan: `rc-change`, beside `s6-rc change` where
 * it is on PATH, and beside one `s6-svc -wu` for each service, started when those that it needs are up.
 *
 *     sh scripts/bench.sh change-on-s6
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { printTable } from './shared/measure.ts';
import { leanRun } from './shared/pause.ts';
import { must, withS6 } from './shared/s6-scandir.ts';
import { benchDirectory, makeLayers } from './shared/trees.ts';

const muster = join(import.meta.dirname, '../../build/muster');
const ROUNDS = 3;
const SIZES = [100, 1000];

if (Bun.which('s6-svscan') === null) {
  console.log('skipped: there is no s6-svscan here');
  process.exit(0);
}
const directory = benchDirectory();
const { run, what } = leanRun(directory);

interface Times {
  readonly up: number[];
  readonly down: number[];
}

const rows = [['on s6, ms', ...SIZES.flatMap((size) => [`${size} up`, `${size} down`])]];
const columns = new Map<string, Times[]>();
for (const size of SIZES) {
  const place = join(directory, String(size));
  const source = join(place, 'source');
  makeLayers(source, size, { run });
  note(
    'one s6-svc -wu for each',
    await withTree(place, size, 'each', async (scandir) => {
      initialize(place, scandir, source);
      const needs = needsIn(source);
      return await rounds(
        () => startEach(scandir, needs),
        () => stopEach(scandir, needs),
      );
    }),
  );
  if (Bun.which('s6-rc') !== null) {
    note(
      's6-rc change',
      await withTree(place, size, 's6-rc', async (scandir) => {
        const live = join(place, 's6-rc-live');
        must(['s6-rc-compile', join(place, 's6-rc-compiled'), source]);
        must(['s6-rc-init', '-c', join(place, 's6-rc-compiled'), '-l', live, scandir]);
        const change = (way: string) => must(['s6-rc', '-l', live, way, 'change', 'all']);
        return await rounds(
          async () => change('-u'),
          async () => change('-d'),
        );
      }),
    );
  }
  note(
    'rc-change',
    await withTree(place, size, 'muster', async (scandir) => {
      const live = initialize(place, scandir, source);
      const change = (way: string) => must([muster, 'change', way, '-l', live, 'all']);
      return await rounds(
        async () => change('-u'),
        async () => change('-d'),
      );
    }),
  );
}
for (const [name, times] of columns) rows.push([name, ...times.flatMap(({ up, down }) => [median(up), median(down)])]);
const ours = columns.get('rc-change')!;
for (const [name, times] of columns) {
  if (name === 'rc-change') continue;
  const ratio = (ways: 'up' | 'down', at: number) =>
    (Number(median(ours[at]![ways])) / Number(median(times[at]![ways]))).toFixed(2);
  rows.push([`rc-change ÷ ${name}`, ...SIZES.flatMap((_, at) => [ratio('up', at), ratio('down', at)])]);
}
printTable(rows);
console.log(`daemons: ${what}; layers of services that need two or three of the layer before; median of ${ROUNDS}`);
rmSync(directory, { recursive: true, force: true });

function note(name: string, times: Times): void {
  columns.set(name, [...(columns.get(name) ?? []), times]);
}

function withTree(
  place: string,
  size: number,
  name: string,
  work: (scandir: string) => Promise<Times>,
): Promise<Times> {
  const scandir = join(place, `scan-${name}`);
  return withS6(scandir, size, () => work(scandir));
}

function initialize(place: string, scandir: string, source: string): string {
  const live = `${scandir}-live`;
  must([muster, 'compile', source, join(place, 'compiled')]);
  must([muster, 'init', '-l', live, '-c', join(place, 'compiled'), '-b', 's6', '--scandir', scandir]);
  return live;
}

async function rounds(up: () => Promise<void>, down: () => Promise<void>): Promise<Times> {
  const times: Times = { up: [], down: [] };
  for (let round = 0; round < ROUNDS; round++) {
    times.up.push(await timed(up));
    times.down.push(await timed(down));
  }
  return times;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function needsIn(source: string): Map<string, readonly string[]> {
  const names = readdirSync(source).filter((name) => name !== 'all');
  const needs = (name: string): string[] => {
    try {
      return readdirSync(join(source, name, 'dependencies.d'));
    } catch {
      return [];
    }
  };
  return new Map(names.map((name) => [name, needs(name)]));
}

function startEach(scandir: string, needs: ReadonlyMap<string, readonly string[]>): Promise<void> {
  return inOrder(needs, ['s6-svc', '-wu', '-u', '--'], scandir);
}

function stopEach(scandir: string, needs: ReadonlyMap<string, readonly string[]>): Promise<void> {
  const neededBy = new Map([...needs.keys()].map((name) => [name, [] as string[]]));
  for (const [name, others] of needs) for (const other of others) neededBy.get(other)!.push(name);
  return inOrder(neededBy, ['s6-svc', '-wD', '-d', '--'], scandir);
}

/** Runs `command` on each, once it has succeeded on those that stand before it; as many at a time as that allows. */
async function inOrder(
  before: ReadonlyMap<string, readonly string[]>,
  command: readonly string[],
  scandir: string,
): Promise<void> {
  const done = new Map<string, Promise<void>>();
  const act = (name: string): Promise<void> => {
    const known = done.get(name);
    if (known !== undefined) return known;
    const acting = Promise.all(before.get(name)!.map(act)).then(async () => {
      const child = Bun.spawn([...command, join(scandir, name)], { stdio: ['ignore', 'ignore', 'ignore'] });
      if ((await child.exited) !== 0) throw new Error(`${command.join(' ')} ${name} failed`);
    });
    done.set(name, acting);
    return acting;
  };
  await Promise.all([...before.keys()].map(act));
}

function median(times: readonly number[]): string {
  return [...times].sort((a, b) => a - b)[times.length >> 1]!.toFixed(0);
}
