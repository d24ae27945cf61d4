/**
 * What the supervisors of so many services take: the proportional set size of the embedded tree, beside s6 (an s6-svscan
 * and an s6-supervise for each service) where it is on PATH.
 *
 *     npm run bench memory
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputFileSync, removeSync } from 'fs-extra/esm';
import { eventually } from '../../packages/posix/test/eventually.ts';
import { printTable } from './shared/measure.ts';
import { leanRun } from './shared/pause.ts';
import { benchDirectory } from './shared/trees.ts';

const SIZES = [10, 100, 500, 1000];
/** Samples of one tree, and milliseconds between them: the first comes when a burst of starts has been tidied up after. */
const SAMPLES = 3;
const SETTLED = 4000;
const BETWEEN = 500;
const LONGEST = 120_000;

const muster = join(import.meta.dirname, '../../build/muster');
const directory = benchDirectory();
process.on('exit', () => removeSync(directory));
const { run, what } = leanRun(directory);

interface Supervisor {
  readonly title: string;
  /** Undefined: it is not on PATH. */
  command(scandir: string, services: number): string[] | undefined;
  /** Which processes are supervisors. */
  readonly names: readonly string[];
}

const supervisors: Supervisor[] = [
  {
    title: 's6-svscan and s6-supervise',
    command: (scandir, services) =>
      Bun.which('s6-svscan') === null ? undefined : ['s6-svscan', mostServices(), String(services + 50), scandir],
    names: ['s6-svscan', 's6-supervise'],
  },
  { title: 'Muster', command: (scandir) => [muster, 'svscan', scandir], names: ['muster'] },
];

const rows = [['memory of the supervisors, PSS, MB', ...SIZES.map((size) => size.toLocaleString('en'))]];
const columns = new Map<string, number[]>();
for (const supervisor of supervisors) {
  const medians: number[] = [];
  for (const size of SIZES) {
    const median = await measured(supervisor, size);
    if (median !== undefined) medians.push(median);
  }
  if (medians.length === 0) console.log(`not run: ${supervisor.title} is not on PATH`);
  else columns.set(supervisor.title, medians);
}
const ours = columns.get('Muster')!;
for (const [title, medians] of columns) rows.push([title, ...medians.map((value) => value.toFixed(1))]);
for (const [title, medians] of columns) {
  if (title !== 'Muster')
    rows.push([`Muster ÷ ${title}`, ...medians.map((value, at) => (ours[at]! / value).toFixed(2))]);
}
printTable(rows);
console.log(`daemons: ${what}; median of ${SAMPLES} samples, when all are up`);

async function measured({ title, command, names }: Supervisor, size: number): Promise<number | undefined> {
  const scandir = join(directory, `${names[0]}-${size}`);
  const words = command(scandir, size);
  if (words === undefined) return undefined;
  makeScandir(scandir, size);
  const tree = Bun.spawn(words, { stdio: ['ignore', 'ignore', 'ignore'] });
  try {
    const daemons = () => descendants(tree.pid).filter((pid) => !isSupervisor(pid, names)).length;
    await eventually(`${size} daemons of ${title}`, () => daemons() >= size, LONGEST);
    await Bun.sleep(SETTLED);
    const samples: number[] = [];
    for (let count = 0; count < SAMPLES; count++) {
      const pids = [tree.pid, ...descendants(tree.pid).filter((pid) => isSupervisor(pid, names))];
      samples.push(pids.reduce((sum, pid) => sum + proportional(pid), 0));
      await Bun.sleep(BETWEEN);
    }
    return samples.sort((a, b) => a - b)[SAMPLES >> 1]!;
  } finally {
    tree.kill('SIGTERM');
    await tree.exited;
    removeSync(scandir);
  }
}

function makeScandir(scandir: string, size: number): void {
  for (let index = 0; index < size; index++) {
    const service = join(scandir, `service-${index}`);
    outputFileSync(join(service, 'run'), run, { mode: 0o755 });
  }
}

/** s6-svscan's option for it: Debian's takes -c, newer ones take -C. */
function mostServices(): string {
  return Bun.spawnSync(['s6-svscan', '-c', '2', '/nowhere']).exitCode === 111 ? '-c' : '-C';
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? text(`/proc/${entry}/stat`) : '';
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (stat !== '') children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const found: number[] = [];
  for (let next = children.get(root) ?? []; next.length > 0; next = next.flatMap((pid) => children.get(pid) ?? [])) {
    found.push(...next);
  }
  return found;
}

function isSupervisor(pid: number, names: readonly string[]): boolean {
  return names.includes(text(`/proc/${pid}/comm`).trim());
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
