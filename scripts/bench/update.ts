/**
 * How long an update takes that has nothing to do, beside s6-rc-update where s6-rc is on PATH, and one that restarts one
 * service of many.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { milliseconds, printTable } from './shared/measure.ts';
import { must, withS6 } from './shared/s6-scandir.ts';
import { benchDirectory, makeLayers, PAUSE } from './shared/trees.ts';

const build = join(import.meta.dirname, '../../build');
const directory = benchDirectory();
const environment = { ...process.env, RC_LIVE: join(directory, 'live') };
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

function run(command: string, ...args: string[]): number {
  const start = performance.now();
  const { exitCode, stderr } = Bun.spawnSync([join(build, command), ...args], { env: environment, stdout: 'ignore' });
  if (exitCode !== 0) throw new Error(`${command} ${args.join(' ')}: ${exitCode}\n${stderr}`);
  return performance.now() - start;
}

function median(times: number, once: (turn: number) => number): number {
  const elapsed = Array.from({ length: times }, (_, turn) => once(turn));
  return elapsed.sort((a, b) => a - b)[times >> 1]!;
}

const sizes = [10, 100, 1000];
const identical: number[] = [];
const s6rc: number[] = [];
const oneRestart: number[] = [];
const dryRun: number[] = [];
for (const services of sizes) {
  const source = join(directory, `source-${services}`);
  const compiled = [join(directory, 'compiled-0'), join(directory, 'compiled-1')] as const;
  makeLayers(source, services);
  run('rc-compile', source, compiled[0]);
  const last = `service-${String(services - 1).padStart(6, '0')}`;
  writeFileSync(join(source, last, 'run'), `${PAUSE}# changed\n`);
  run('rc-compile', source, compiled[1]);
  run('rc-init', '-c', compiled[0]);
  run('rc-change', 'all');
  identical.push(median(21, () => run('rc-update', compiled[0])));
  dryRun.push(median(21, () => run('rc-update', '-n', compiled[1])));
  oneRestart.push(median(10, (turn) => run('rc-update', compiled[(turn + 1) % 2]!)));
  run('rc-shutdown');
  if (Bun.which('s6-rc') !== null) s6rc.push(await identicalOnS6(source, services));
}

const row = (title: string, values: readonly number[]) => [
  title,
  ...values.map((value) => milliseconds({ median: value, memory: 0 })),
];
printTable([
  ['update, embedded, RAM, ms', ...sizes.map((size) => size.toLocaleString('en'))],
  row('identical database', identical),
  ...(s6rc.length === 0 ? [] : [row('the same, s6-rc-update on s6', s6rc)]),
  row('dry run', dryRun),
  row('one longrun restarts', oneRestart),
]);

/** Everything is up, and the database a copy of the live one. Milliseconds. */
async function identicalOnS6(source: string, services: number): Promise<number> {
  const place = join(directory, `s6-${services}`);
  const [live, first, second] = ['live', 'first', 'second'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ];
  const scandir = join(place, 'scan');
  return await withS6(scandir, services, async () => {
    must(['s6-rc-compile', first, source]);
    must(['s6-rc-compile', second, source]);
    must(['s6-rc-init', '-c', first, '-l', live, scandir]);
    must(['s6-rc', '-l', live, '-u', 'change', 'all']);
    const took = median(21, (turn) => {
      const start = performance.now();
      must(['s6-rc-update', '-l', live, turn % 2 === 0 ? second : first]);
      return performance.now() - start;
    });
    must(['s6-rc', '-l', live, '-d', 'change', 'all']);
    return took;
  });
}
