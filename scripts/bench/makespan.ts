/**
 * How close the boot comes to its critical path, on random graphs of services with random start times; and what one step
 * of a chain costs, where each service must wait for the one before. Muster is measured on the embedded tree, with the
 * built commands; beside it s6-rc on s6, where they are on PATH.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { outputFileSync } from 'fs-extra/esm';
import { Random } from '../../packages/core/test/simulation/random.ts';
import { printTable } from './shared/measure.ts';
import { leanRun } from './shared/pause.ts';
import { must, withS6 } from './shared/s6-scandir.ts';
import { benchDirectory, makeChain } from './shared/trees.ts';

const SERVICES = 100;
const GRAPHS = 3;
const CHAIN = 1000;
const BUILD = join(import.meta.dirname, '../../build');

/** The same graphs each time. */
const random = new Random(1);

/** Milliseconds that `sleep` takes on this machine beyond what it is told to: no supervisor can save them. */
function ownCostOfSleep(): number {
  const beyond = Array.from({ length: 21 }, () => {
    const began = performance.now();
    Bun.spawnSync(['sleep', '0.1']);
    return performance.now() - began - 100;
  });
  return beyond.sort((a, b) => a - b)[10]!;
}

/** Returns the critical path in milliseconds, where each service takes `extra` more than it is told to. */
function makeRandom(source: string, extra: number): number {
  outputFileSync(join(source, 'all/type'), 'bundle\n');
  const ready: number[] = [];
  for (let id = 0; id < SERVICES; id++) {
    const duration = 20 + random.below(380);
    const needs = [
      ...new Set(Array.from({ length: Math.min(id, random.below(4)) }, () => id - 1 - random.below(Math.min(id, 30)))),
    ];
    const place = join(source, `s${id}`);
    outputFileSync(join(place, 'type'), 'oneshot\n');
    outputFileSync(join(place, 'up'), `sleep ${duration / 1000}\n`);
    for (const need of needs) outputFileSync(join(place, 'dependencies.d', `s${need}`), '');
    outputFileSync(join(source, 'all/contents.d', `s${id}`), '');
    ready[id] = Math.max(0, ...needs.map((need) => ready[need]!)) + duration + extra;
  }
  return Math.max(...ready);
}

/** Milliseconds from the first event to the last one; runs in a live directory of its own. */
function changeAll(root: string): { readonly elapsed: number; readonly whole: number } {
  const environment = {
    ...process.env,
    RC_COMPILED: join(root, 'compiled'),
    RC_LIVE: join(root, 'live'),
  } as Record<string, string>;
  const run = (command: string, ...args: string[]) => {
    const ran = Bun.spawnSync([join(BUILD, command), ...args], { env: environment, stderr: 'pipe' });
    if (ran.exitCode !== 0) throw new Error(`${command}: ${ran.stderr.toString()}`);
    return ran.stdout.toString();
  };
  run('rc-compile', join(root, 'source'), join(root, 'compiled'));
  run('rc-init');
  try {
    const began = performance.now();
    run('rc-change', 'all');
    const whole = performance.now() - began;
    return { elapsed: JSON.parse(run('rc-timeline', '--json')).duration, whole };
  } finally {
    run('rc-shutdown');
  }
}

const extra = ownCostOfSleep();
const hasPeer = Bun.which('s6-rc') !== null;
const rows = [
  ['graph', 'critical path, ms', 'rc-change, ms', '÷ critical path', 's6-rc change, ms', '÷ critical path'],
];
for (let graph = 1; graph <= GRAPHS; graph++) {
  const root = benchDirectory();
  const critical = makeRandom(join(root, 'source'), extra);
  const { elapsed, whole } = changeAll(root);
  const peer = hasPeer ? await changeAllOnS6(root, SERVICES) : null;
  rows.push([
    `${SERVICES} oneshots, no. ${graph}`,
    critical.toFixed(0),
    whole.toFixed(0),
    (elapsed / critical).toFixed(3),
    peer?.toFixed(0) ?? 'not here',
    peer === null ? '' : (peer / critical).toFixed(3),
  ]);
  rmSync(root, { recursive: true });
}
printTable(rows);
console.log(`each of them a sleep of 20 to 400 ms, which takes ${extra.toFixed(1)} ms more than that here`);

const root = benchDirectory();
const { run, what } = leanRun(root);
makeChain(join(root, 'source'), CHAIN, { run });
const chains = [['a chain of longruns', 'ms', 'a step, ms'], chainRow('rc-change', changeAll(root).whole)];
if (hasPeer) chains.push(chainRow('s6-rc change', await changeAllOnS6(root, CHAIN)));
printTable(chains);
console.log(`daemons: ${what}`);
rmSync(root, { recursive: true });

function chainRow(who: string, whole: number): string[] {
  return [`${CHAIN}, ${who}`, whole.toFixed(0), (whole / CHAIN).toFixed(2)];
}

/** Milliseconds. */
async function changeAllOnS6(root: string, services: number): Promise<number> {
  const scandir = join(root, 'scan');
  const live = join(root, 's6-rc-live');
  return await withS6(scandir, services, async () => {
    must(['s6-rc-compile', join(root, 's6-rc-compiled'), join(root, 'source')]);
    must(['s6-rc-init', '-c', join(root, 's6-rc-compiled'), '-l', live, scandir]);
    const began = performance.now();
    must(['s6-rc', '-l', live, '-u', 'change', 'all']);
    const whole = performance.now() - began;
    must(['s6-rc', '-l', live, '-d', 'change', 'all']);
    return whole;
  });
}
