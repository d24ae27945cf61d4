/** How long compiling takes, beside s6-rc-compile where it is on PATH, and beside what merely reading the source costs. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Measured, measure, milliseconds, printTable } from './shared/measure.ts';
import { benchDirectory, makeChain, makeLayers } from './shared/trees.ts';

const muster = join(import.meta.dirname, '../../build/muster');
const s6rc = Bun.which('s6-rc-compile');
/** s6-rc-compile crashes from here on; once is enough to see it. */
const MOST_FOR_PEER = 10_000;
const directory = benchDirectory();
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const columns = [
  { title: '10', make: makeLayers, services: 10, times: 21 },
  { title: '100', make: makeLayers, services: 100, times: 21 },
  { title: '1,000', make: makeLayers, services: 1000, times: 15 },
  { title: '5,000', make: makeLayers, services: 5000, times: 9 },
  { title: '10,000', make: makeLayers, services: 10_000, times: 7 },
  { title: '100,000', make: makeLayers, services: 100_000, times: 3 },
  { title: '100,000 chain', make: makeChain, services: 100_000, times: 3 },
];

interface Column {
  readonly title: string;
  readonly muster: Measured | null;
  readonly floor: Measured | null;
  /** undefined: not run. */
  readonly s6rc: Measured | null | undefined;
}

const start = measure([muster, '--version'], 21)!;
const measured: Column[] = columns.map(({ title, make, services, times }) => {
  const source = join(directory, `source-${title}`);
  const compiled = join(directory, 'compiled');
  make(source, services);
  const remove = () => rmSync(compiled, { recursive: true, force: true });
  const column = {
    title,
    muster: measure([muster, 'compile', source, compiled], times),
    floor: measure([process.execPath, join(import.meta.dirname, 'shared/read-tree.ts'), source], times),
    s6rc: s6rc === null || services > MOST_FOR_PEER ? undefined : measure([s6rc, compiled, source], times, remove),
  };
  remove();
  rmSync(source, { recursive: true });
  return column;
});

printTable([
  ['compile, RAM, ms', ...measured.map(({ title }) => title)],
  ...(s6rc === null
    ? []
    : [['s6-rc-compile', ...measured.map(({ s6rc: peer }) => (peer === undefined ? 'not run' : milliseconds(peer)))]]),
  ['bare Bun that reads the source', ...measured.map((column) => milliseconds(column.floor))],
  ['Muster', ...measured.map((column) => milliseconds(column.muster))],
  ['Muster ÷ bare Bun', ...measured.map(({ muster: ours, floor }) => ratio(ours, floor))],
  ['Muster, memory, MB', ...measured.map(({ muster: ours }) => ours?.memory.toFixed(0) ?? '')],
]);
console.log(`start of a command that does nothing: ${milliseconds(start)} ms`);
if (s6rc === null) console.log('s6-rc-compile is not on PATH');

function ratio(a: Measured | null, b: Measured | null): string {
  return a === null || b === null ? '' : (a.median / b.median).toFixed(2);
}
