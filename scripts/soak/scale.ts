/**
 * Many services on one machine: all of them up, looked at, one of them changed, one of them updated, the tree killed and adopted,
 * all of them down. What grows faster than their number is told apart by processor time, which a busy machine does not change
 * much: of the commands, and of the tree meanwhile. Fails where twice as many services take more than `MOST` times as much.
 *
 *     npm run soak scale                      1,250 to 10,000 services
 *     MUSTER_SCALE=500,1000 npm run soak scale
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../packages/posix/test/eventually.ts';
import { printTable } from '../bench/shared/measure.ts';
import { Site } from '../bench/shared/site.ts';
import { benchDirectory } from '../bench/shared/trees.ts';

const SIZES = (process.env.MUSTER_SCALE ?? '1250,2500,5000,10000').split(',').map(Number);
/** 2 for what is linear, 2.2 for n log n; the rest is for caches and a busy machine. Below `FLOOR` (ms) nothing is judged. */
const MOST = 2.9;
const FLOOR = 100;
const LONGEST = 600_000;
const BUILD = join(import.meta.dirname, '../../build');

/** Milliseconds. */
interface Cost {
  readonly wall: number;
  readonly processor: number;
}

const directory = benchDirectory();
const steps = new Map<string, Cost[]>();
const sizes = new Map<string, string[]>();
let failed = false;

for (const services of SIZES) {
  console.error(`==> ${services}`);
  const site = new Site(directory, services);
  try {
    await life(site, services);
  } finally {
    Bun.spawnSync([join(BUILD, 'rc-shutdown'), '-l', site.live]);
    site.remove();
  }
  report();
}
process.exit(failed ? 1 : 0);

async function life(site: Site, services: number): Promise<void> {
  const last = `service-${String(services - 1).padStart(6, '0')}`;
  const step = (title: string, command: string, ...args: string[]) => note(title, measured(site, command, args));
  step('rc-compile', 'rc-compile', site.source, `${site.compiled}-2`);
  step('rc-init --change all', 'rc-init', '--change', 'all');
  const tree = treeOf(site);
  const [descriptors, memory] = [readdirSync(`/proc/${tree}/fd`).length, kilobytes(tree)];
  step('rc-status', 'rc-status');
  step('rc-status --check', 'rc-status', '--check');
  step('rc-change --restart of one', 'rc-change', '--restart', last);
  step('rc-update, nothing to do', 'rc-update', site.compiled);
  const run = join(site.source, last, 'run');
  writeFileSync(run, `${readFileSync(run, 'latin1')}# changed\n`);
  step('rc-compile after one edit', 'rc-compile', site.source, site.compiled);
  step('rc-update of one', 'rc-update', site.compiled);
  const before = daemons(site);
  const began = performance.now();
  process.kill(tree, 'SIGKILL');
  await eventually('another tree', () => treeOf(site) !== 0 && treeOf(site) !== tree, LONGEST);
  // Nothing is to do: it waits until every service has a supervisor again.
  measured(site, 'rc-change', ['all']);
  const adopted = { wall: performance.now() - began, processor: processorTime(treeOf(site)) };
  note('SIGKILL of the tree, adopted', adopted);
  if (daemons(site).join() !== before.join()) {
    failed = true;
    console.error(`${services}: the daemons are not the same after the tree was killed`);
  }
  noteSize('descriptors of the tree a service', (descriptors / services).toFixed(2));
  noteSize('memory of the tree a service, kB', (memory / services).toFixed(1));
  step('rc-change -d all', 'rc-change', '-d', 'all');
  step('rc-shutdown', 'rc-shutdown');
}

function note(title: string, cost: Cost): void {
  steps.set(title, [...(steps.get(title) ?? []), cost]);
}

function noteSize(title: string, size: string): void {
  sizes.set(title, [...(sizes.get(title) ?? []), size]);
}

/** Of the command, and of the tree while it ran. */
function measured(site: Site, command: string, args: readonly string[]): Cost {
  const tree = treeOf(site);
  const before = tree === 0 ? 0 : processorTime(tree);
  const began = performance.now();
  const env = { ...process.env, RC_LIVE: site.live, RC_COMPILED: site.compiled };
  const ran = Bun.spawnSync([join(BUILD, command), ...args], { env, stdout: 'ignore', stderr: 'pipe' });
  const wall = performance.now() - began;
  if (ran.exitCode !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${ran.exitCode}\n${ran.stderr.toString().slice(-2000)}`);
  const now = treeOf(site);
  const ofTree = now === 0 ? 0 : processorTime(now) - (now === tree ? before : 0);
  return { wall, processor: Number(ran.resourceUsage.cpuTime.total) / 1000 + ofTree };
}

/** 0 if none runs. */
function treeOf(site: Site): number {
  for (const pid of pids()) {
    const words = text(`/proc/${pid}/cmdline`).split('\0');
    if (words[1] === 'svscan' && words.includes(site.live)) return pid;
  }
  return 0;
}

function daemons(site: Site): string[] {
  const mark = join(site.root, 'pause');
  return pids()
    .filter((pid) => text(`/proc/${pid}/cmdline`).startsWith(mark))
    .map(String)
    .sort();
}

function pids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

/** Milliseconds; ticks are hundredths of a second. */
function processorTime(pid: number): number {
  const stat = text(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10 || 0;
}

function kilobytes(pid: number): number {
  return Number(/^Pss: +(\d+)/m.exec(text(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

/** Empty if the process is gone. */
function text(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function report(): void {
  const done = Math.max(...[...steps.values()].map((costs) => costs.length));
  const titles = SIZES.slice(0, done).map((size) => size.toLocaleString('en'));
  const rows = [...steps].map(([title, costs]) => [
    title,
    ...costs.map(({ wall, processor }) => `${seconds(wall)} (${seconds(processor)})`),
    growth(title, costs),
  ]);
  printTable([
    ['seconds (of processor time)', ...titles, 'growth'],
    ...rows,
    ...[...sizes].map(([title, values]) => [title, ...values, '']),
  ]);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(milliseconds < 1000 ? 2 : 1);
}

/** The largest factor from one size to the next, for twice as many. */
function growth(title: string, costs: readonly Cost[]): string {
  const factors = costs.slice(1).map(({ processor }, at) => {
    const before = costs[at]?.processor ?? 0;
    const times = (SIZES[at + 1] ?? 0) / (SIZES[at] ?? 1);
    return before < FLOOR ? 0 : (processor / before) ** (1 / Math.log2(times));
  });
  const most = Math.max(0, ...factors);
  if (most > MOST) {
    failed = true;
    console.error(`${title}: ${most.toFixed(2)} times as much for twice as many services`);
  }
  return most === 0 ? '' : most.toFixed(2);
}
