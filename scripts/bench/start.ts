/**
 * What starting a command costs: each one on a small live directory, in turn with a program, compiled in the same way,
 * that writes one line. That one's time is the floor; the rest is Muster's.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printTable } from './shared/measure.ts';
import { benchDirectory, makeLayers } from './shared/trees.ts';

const ROUNDS = 41;
const BUILD = join(import.meta.dirname, '../../build');
const directory = benchDirectory();
const compiled = join(directory, 'compiled');
const source = join(directory, 'source');
const bare = join(directory, 'bare');
const environment = { ...process.env, RC_LIVE: join(directory, 'live'), RC_COMPILED: compiled, RC_SOURCE: source };

interface Cost {
  /** Milliseconds, of the whole process. */
  readonly elapsed: number;
  /** Milliseconds of processor time. */
  readonly worked: number;
}

function run(words: readonly string[]): Cost {
  const start = performance.now();
  const ran = Bun.spawnSync([...words], { env: environment, stdout: 'ignore', stderr: 'pipe' });
  const elapsed = performance.now() - start;
  if (ran.exitCode !== 0) throw new Error(`${words.join(' ')}: ${ran.exitCode}\n${ran.stderr}`);
  return { elapsed, worked: Number(ran.resourceUsage.cpuTime.total) / 1000 };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

const COMMANDS: readonly (readonly string[])[] = [
  ['rc-status'],
  ['rc-list'],
  ['rc-why', 'service-000001'],
  ['rc-db', 'list'],
  ['rc-change', 'service-000001'],
  ['rc-change', '-n', 'all'],
  ['rc-compile', '--check', source],
  ['rc-diff'],
  ['rc-update', '-n', compiled],
];

try {
  makeLayers(source, 10);
  writeFileSync(join(directory, 'bare.ts'), `import { writeSync } from 'node:fs';\nwriteSync(1, 'one line\\n');\n`);
  await Bun.build({
    entrypoints: [join(directory, 'bare.ts')],
    target: 'bun',
    format: 'esm',
    minify: true,
    bytecode: true,
    compile: { outfile: bare },
  });
  const muster = ([command, ...args]: readonly string[]) => [join(BUILD, command!), ...args];
  run(muster(['rc-compile', source, compiled]));
  run(muster(['rc-init']));
  run(muster(['rc-change', 'service-000001']));
  const lines = [['bare'], ...COMMANDS];
  const costs = lines.map((): Cost[] => []);
  for (let round = -1; round < ROUNDS; round++)
    for (const [i, words] of lines.entries()) {
      const cost = run(i === 0 ? [bare] : muster(words));
      if (round >= 0) costs[i]!.push(cost);
    }
  run(muster(['rc-shutdown']));
  const [floor, ...elapsed] = costs.map((each) => median(each.map((cost) => cost.elapsed)));
  const worked = costs.map((each) => median(each.map((cost) => cost.worked)));
  printTable([
    [`median of ${ROUNDS}, 10 services`, 'ms', 'above the floor, ms', 'processor time, ms'],
    ['a program that writes one line', floor!.toFixed(1), '', worked[0]!.toFixed(1)],
    ...COMMANDS.map((words, i) => [
      words.join(' ').replace(directory, '…'),
      elapsed[i]!.toFixed(1),
      (elapsed[i]! - floor!).toFixed(1),
      worked[i + 1]!.toFixed(1),
    ]),
  ]);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
